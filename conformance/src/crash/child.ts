/**
 * What a child process does that may be killed: runs one scenario on the database the environment
 * names. It says `ready` before it runs, and what came of it after; it closes nothing.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Runtime } from "@holdfast/core";
import { currentScope } from "@holdfast/core/journal";
import { effectLine, parseEffects } from "./effects-file.ts";
import type { Scenario } from "./scenario.ts";

export interface ChildOrder {
  readonly scenario: string;
  readonly runId: string;
  /** The how-manieth process it is, from 1. */
  readonly nth: number;
  /** Where effects are written down. */
  readonly effects: string;
  /** How long an effect takes. */
  readonly paceMs: number;
}

export const CHILD_ORDER = "HOLDFAST_CHILD_ORDER";

/** The whole of a script that `killUntilDone` starts. */
export async function runAsChild(scenarios: readonly Scenario[]): Promise<void> {
  const order = JSON.parse(process.env[CHILD_ORDER]!) as ChildOrder;
  const { runId, nth, effects, paceMs } = order;
  const scenario = scenarios.find(({ name }) => name === order.scenario)!;
  const runtime = new Runtime({ hotPeriod: 0, ...scenario.options });
  say("ready");
  const output = await scenario.run({
    runtime,
    runId,
    nth,
    async effect(key) {
      const step = currentScope.getStore()?.step?.seq;
      appendFileSync(effects, effectLine({ key, step, pid: process.pid }));
      await sleep(paceMs);
    },
    happened: (key) => parseEffects(readFileSync(effects, "utf8")).some((one) => one.key === key),
  });
  say(JSON.stringify({ output }));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
