// A scenario as the crash harness takes it: run durably, its open calls answered by people in place.
import type { BaseNode } from "@google/adk";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { PlainTurn } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";

export function crashScenario(scenario: Scenario): CrashScenario {
  const { answers } = scenario;
  const durable: CrashScenario = {
    name: scenario.name,
    async run({ runtime, runId, effect }): Promise<PlainTurn> {
      const { app, input, options } = scenario.build(effect);
      const parameters = { ...options, durable: { runId, until: "end" } } as const;
      const { events, state } = await runtime.run(app as BaseNode, input, parameters);
      return { events: events.map(plainEvent), state };
    },
  };
  if (answers === undefined) return durable;
  return {
    ...durable,
    async answer({ kind, name, seq, body }, { handle }) {
      if (kind === "doubt") {
        // Of a call that was approved, a person says that it is to be made again.
        const { step } = JSON.parse(body!) as { readonly step: number };
        return handle.settle(step, "retry");
      }
      const { response } = answers.find(({ call }) => call === name) ?? answers[0]!;
      if (kind === "input") await handle.respond(seq, response);
      else if (response.confirmed === true) {
        const { payload } = response;
        await handle.approve(seq, payload === undefined ? {} : { args: payload });
      } else await handle.reject(seq);
    },
  };
}
