/**
 * Executes a program inside a run, and tells of each body when it begins and ends, and of each step when
 * it returns. Each execution of a body makes a value that no other one makes.
 */
import { setTimeout as delay } from "node:timers/promises";
import {
  currentStep,
  type Runtime,
  type StepOptions,
  sleep,
  step,
  waitForApproval,
  waitForSignal,
} from "@holdfast/core";
import { tell } from "./happening.ts";
import { APP, type Part, type Program } from "./program.ts";

export type ChaosApp = (program: Program) => Promise<readonly string[]>;

/** Returns what all of its parts returned, in the order in which they stand. */
export function chaosApp(runtime: Runtime): ChaosApp {
  const app: ChaosApp = ({ run, parts }) => sequence(run, parts);
  return app;

  async function sequence(run: string, parts: readonly Part[]): Promise<readonly string[]> {
    const values: string[] = [];
    for (const part of parts) values.push(...(await execute(run, part)));
    return values;
  }

  async function execute(run: string, part: Part): Promise<readonly string[]> {
    switch (part.do) {
      case "step":
        return [await reportedStep(run, part)];
      case "sleep":
        await sleep(part.ms);
        return [];
      case "approval": {
        const { approved, by } = await waitForApproval(part.id, { show: { run } });
        return [`${part.id}: ${approved} by ${by}`];
      }
      case "signal":
        return [`${part.id}: ${await waitForSignal<string>(part.id)}`];
      case "all":
        return (await Promise.all(part.parts.map((one) => execute(run, one)))).flat();
      case "nested": {
        const { id, parts } = part;
        return runtime.run(app, { run, parts }, { durable: { runId: id } });
      }
      case "detached": {
        const { id, parts, named } = part;
        const options = named ? { durable: { runId: `${run}/${id}` } } : {};
        const handle = await runtime.start(APP, { run, parts }, options);
        return (await handle.result()) as readonly string[];
      }
    }
  }
}

const RETRY: StepOptions = { retries: { times: 2, delay: 20 } };

async function reportedStep(run: string, part: Part & { readonly do: "step" }): Promise<string> {
  const { id, ms, failing, once } = part;
  const body = async () => {
    const { try: nth, signal } = currentStep();
    tell({ is: "begins", run, id });
    try {
      await delay(ms, undefined, { signal });
    } catch {
      tell({ is: "ends", run, id, how: "told" });
      throw signal.reason;
    }
    const fails = nth <= failing;
    tell({ is: "ends", run, id, how: fails ? "failure" : "value" });
    if (fails) throw new Error(`${id} fails in try ${nth}`);
    return `${id}: ${crypto.randomUUID()}`;
  };
  const value = await step(id, body, once ? { inDoubt: "once" } : RETRY);
  tell({ is: "returned", run, id, value });
  return value;
}
