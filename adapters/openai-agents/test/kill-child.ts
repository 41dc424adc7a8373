// The scenarios as processes that kill themselves in one of their effects: after more than are ever
// under way at once, or some would never come to their end.
import {
  type CrashProcess,
  killsItself,
  runAsChild,
} from "../../../conformance/src/crash/index.ts";
import { allAtOnce, LASTING, type Lasting } from "./all-at-once.ts";
import { crashScenario } from "./crash-scenario.ts";
import { approvals } from "./scenarios/approvals.ts";
import { deepApprovals } from "./scenarios/deep-approvals.ts";

const DIES_IN = 4;
const DIES_IN_OF_ALL = 80;

const asking = crashScenario(approvals);
const approved = crashScenario(deepApprovals);
const all = allAtOnce(JSON.parse(process.env[LASTING] ?? "{}") as Lasting);

await runAsChild([
  { ...approved, run: (child) => approved.run(diesWhenApproved(child)) },
  { ...all, run: (child) => all.run(killsItself(child, DIES_IN_OF_ALL, "after")) },
  { ...asking, run: (child) => asking.run(killsItself(child, DIES_IN, "after")) },
]);

/** In the tool that a person has approved, the first time. */
function diesWhenApproved(child: CrashProcess): CrashProcess {
  const dying = killsItself(child, 1, "after");
  return {
    ...child,
    effect: (key) =>
      key.startsWith("tool: ") && !child.happened(key) ? dying.effect(key) : child.effect(key),
  };
}
