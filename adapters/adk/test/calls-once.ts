// Of calls that nobody else accounts for: none that was on record before a process began is made in it.
import type { CrashProcess, Scenario } from "../../../conformance/src/crash/index.ts";

/** How many calls of a run were made, by whichever process. */
type CallsOf = (runId: string) => number;

/**
 * Returns besides how many calls are on record when the process begins, or are made in it: as many as
 * the app makes uninterrupted, wherever one died.
 *
 * @param kinds of the steps that are a call each
 */
export function callsOnce(
  scenario: Scenario,
  kinds: readonly string[],
  callsOf: CallsOf,
): Scenario {
  return {
    ...scenario,
    async run(process) {
      const recorded = await recordedCalls(process, kinds);
      const before = callsOf(process.runId);
      const output = await scenario.run(process);
      return { output, calls: recorded + callsOf(process.runId) - before };
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
