// The scenarios as processes that kill themselves in one of their effects.
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import {
  killsItself,
  type Moment,
  runAsChild,
  type Scenario,
} from "../../../conformance/src/crash/index.ts";
import { allAtOnce, allThatAsk, allThatCall, allUnusual, allWithOthers } from "./all-at-once.ts";
import { approval } from "./approval.ts";
import { cached } from "./cached.ts";
import { load } from "./copied-program.ts";
import { crashScenario } from "./crash-scenario.ts";
import { oneOfSeveral } from "./one-of-several.ts";
import { interruptInTool } from "./scenarios/interrupt-in-tool.ts";
import { twentyCalls } from "./scenarios/twenty-calls.ts";

const saver = PostgresSaver.fromConnString(process.env.HOLDFAST_DATABASE_URL!);
const baseURL = process.env.OPENAI_BASE_URL!;

/** The files of programs with copies of their own, where there are any: to load them takes its time. */
const [imported, required] = process.env.HOLDFAST_TEST_COPIES?.split("\n") ?? [];
const unusual =
  imported === undefined || required === undefined
    ? []
    : [allUnusual({ import: await load(imported), require: await load(required) })];

/** In which effect: always after more than are ever under way at once, or some would never come to their end. */
const DIE_IN: readonly (readonly [scenario: Scenario, nth?: number, when?: Moment])[] = [
  [crashScenario(interruptInTool), 3],
  // Of calls of a model and a tool: when the tool has been called for the 18th time.
  [crashScenario(twentyCalls), 37],
  [allAtOnce, 60],
  [allThatAsk(), 36],
  // In the middle of the one that tells three pieces.
  [allWithOthers({ saver, baseURL }), 14],
  [allThatCall(baseURL), 24],
  // In the second round, of which the cache answers the first node.
  [cached(process.env.HOLDFAST_TEST_CACHE ?? ""), 3],
  // In an effect of its own choice.
  [oneOfSeveral],
  ...unusual.map((scenario) => [scenario, 8] as const),
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
