// The scenarios as processes that kill themselves in one of their effects.
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import {
  killsItself,
  type Moment,
  runAsChild,
  type Scenario,
} from "../../../conformance/src/crash/index.ts";
import { allAtOnce, allThatAsk, allWithOthers } from "./all-at-once.ts";
import { approval } from "./approval.ts";
import { crashScenario } from "./crash-scenario.ts";
import { interruptInTool } from "./scenarios/interrupt-in-tool.ts";
import { twentyCalls } from "./scenarios/twenty-calls.ts";

const saver = PostgresSaver.fromConnString(process.env.HOLDFAST_DATABASE_URL!);
const withOthers = allWithOthers({ saver, baseURL: process.env.OPENAI_BASE_URL! });

/** In which effect: always after more than are ever under way at once, or some would never come to their end. */
const DIE_IN: readonly (readonly [scenario: Scenario, nth: number, when?: Moment])[] = [
  [crashScenario(interruptInTool), 3],
  // Of calls of a model and a tool: when the tool has been called for the 18th time.
  [crashScenario(twentyCalls), 37],
  [allAtOnce, 50],
  [allThatAsk(), 20],
  // In the middle of the one that tells three pieces.
  [withOthers, 8],
  // In the second process that is the call that was approved: nobody knows what came of it.
  [approval, 2, "after"],
];

await runAsChild(
  DIE_IN.map(([scenario, nth, when]) => ({
    ...scenario,
    run: (child) => scenario.run(killsItself(child, nth, when)),
  })),
);
// Or its connections would keep the process.
await saver.end();
