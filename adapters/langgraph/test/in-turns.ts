// Apps that pause, answered as LangGraph has it: by commands as inputs, each a turn, as long as they ask.
import { Command } from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { type AskingScenario, askedIn, place } from "./asking-scenario.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { plain } from "./scenarios/plain.ts";

/** @param atOnce of the questions of a pause, how many a command answers: all of them, or the first */
export function inTurns(scenario: AskingScenario, atOnce: "all" | "one"): CrashScenario {
  return {
    name: `${scenario.name}, in turns that answer ${atOnce}`,
    async run({ runtime, runId, effect }) {
      const { app, input, options } = scenario.build((name) => effect(`${name} in ${place()}`));
      const configurable = { ...options?.configurable, thread_id: runId };
      const say = (given: unknown, more: object = {}) =>
        runtime.run(app as DurableApp, given as never, { ...options, configurable, ...more });
      let output = await say(input, { durable: { runId } });
      for (let asked = askedIn(output); asked !== undefined; asked = askedIn(output)) {
        const answered = atOnce === "all" ? asked : asked.slice(0, 1);
        const answers = answered.map(({ id, value }) => [id, scenario.answerTo(value)]);
        const resume = Object.fromEntries(answers) as Record<string, unknown>;
        output = await say(answers.length === 0 ? null : new Command({ resume }));
      }
      return plain(output);
    },
  };
}
