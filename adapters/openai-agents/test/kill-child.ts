// The scenarios as processes that kill themselves in one of their effects: after more than are ever
// under way at once, or some would never come to their end.
import { deepStrictEqual } from "node:assert";
import {
  type CrashProcess,
  type Scenario as CrashScenario,
  killsItself,
  runAsChild,
} from "../../../conformance/src/crash/index.ts";
import { allAtOnce, LASTING, type Lasting } from "./all-at-once.ts";
import { crashScenario } from "./crash-scenario.ts";
import { approvals } from "./scenarios/approvals.ts";
import { deepApprovals } from "./scenarios/deep-approvals.ts";

const DIES_IN = 4;
const DIES_IN_OF_ALL = 100;

const asking = crashScenario(approvals);
const approved = crashScenario(deepApprovals);
const all = allAtOnce(JSON.parse(process.env[LASTING] ?? "{}") as Lasting);

await runAsChild([
  { ...approved, run: (child) => approved.run(diesWhenApproved(child)) },
  { ...all, run: (child) => replayed(all, diesOfAll(child)) },
  { ...asking, run: (child) => asking.run(killsItself(child, DIES_IN, "after")) },
]);

/** The first process in the first effect of each part, when all have come to theirs. */
function diesOfAll(child: CrashProcess): CrashProcess {
  if (child.nth > 1) return killsItself(child, DIES_IN_OF_ALL, "after");
  const left = new Set(all.parts!.map(({ name }) => `${name}: `));
  return {
    ...child,
    async effect(key) {
      await child.effect(key);
      for (const name of left) if (key.startsWith(name)) left.delete(name);
      if (left.size === 0) process.kill(process.pid, "SIGKILL");
      await new Promise(() => {});
    },
  };
}

/** In the tool that a person has approved, the first time. */
function diesWhenApproved(child: CrashProcess): CrashProcess {
  const dying = killsItself(child, 1, "after");
  return {
    ...child,
    effect: (key) =>
      key.startsWith("tool: ") && !child.happened(key) ? dying.effect(key) : child.effect(key),
  };
}

/** Once it has come to its end, it comes to the very same from its record alone. */
async function replayed(scenario: CrashScenario, child: CrashProcess): Promise<unknown> {
  const output = await scenario.run(child);
  const effect = (key: string) => Promise.reject(new Error(`On record, and done again: ${key}`));
  const again = await scenario.run({ ...child, effect });
  deepStrictEqual(again, output);
  return output;
}
