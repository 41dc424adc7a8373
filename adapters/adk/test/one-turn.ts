import type { LlmAgent, Runner, SequentialAgent } from "@google/adk";
import type { InputOf } from "@holdfast/core";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

type Build = (effect: Effect) => LlmAgent | SequentialAgent | Runner;

/** One turn of an app, as the crash harness takes it. */
export function oneTurn(name: string, build: Build, input: InputOf<LlmAgent> = "Go."): Scenario {
  return {
    name,
    async run({ runtime, runId, effect }) {
      const durable = { runId } as const;
      const { events, state, output } = await runtime.run(build(effect) as LlmAgent, input, {
        durable,
      });
      return { events: events.map(plainEvent), state, output };
    },
  };
}
