// Of calls that nobody else accounts for: none that was on record before a process began is made in it.
import { AsyncLocalStorage } from "node:async_hooks";
import type { CrashProcess, Scenario } from "../../../conformance/src/crash/index.ts";

const caller = new AsyncLocalStorage<string>();

/** The process that is calling, by its run: what began before its death may call after it. */
export function callerName(): string {
  return caller.getStore() ?? "";
}

/**
 * Returns besides how many calls are on record when the process begins, or are made in it, and how many
 * are on record in the end: as many as the app makes uninterrupted, wherever one died.
 *
 * @param kinds of the steps that are a call each
 * @param callsOf how many calls a caller of that name has made
 */
export function callsOnce(
  scenario: Scenario,
  kinds: readonly string[],
  callsOf: (name: string) => number,
): Scenario {
  return {
    ...scenario,
    async run(process) {
      const recorded = await recordedCalls(process, kinds);
      const name = `${process.runId} ${process.nth}`;
      const output = await caller.run(name, () => scenario.run(process));
      const calls = recorded + callsOf(name);
      return { output, calls, recorded: await recordedCalls(process, kinds) };
    },
  };
}

/** Of a run that was not even made: none. */
export async function recordedCalls(
  { runtime, runId }: Pick<CrashProcess, "runtime" | "runId">,
  kinds: readonly string[],
): Promise<number> {
  const steps = await runtime
    .handle(runId)
    .steps()
    .catch(() => []);
  return steps.filter(({ kind, status }) => kinds.includes(kind) && status === "finished").length;
}
