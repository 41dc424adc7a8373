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
      const { confirmed, payload } = response;
      const approve = () => handle.approve(seq, payload === undefined ? {} : { args: payload });
      const reject = () => handle.reject(seq);
      const respond = () => handle.respond(seq, response);
      const [say, sayOther] = confirmed === true ? [approve, reject] : [reject, approve];
      await (kind === "input" ? respond() : say());
      // The first decision counts, whoever says the same or another one after it.
      for (const late of kind === "input" ? [respond] : [say, sayOther]) await isTooLate(late);
    },
  };
}

/** Throws if it is not. */
export async function isTooLate(say: () => Promise<unknown>): Promise<void> {
  const code = await say().then(
    () => "none",
    (error: { readonly code?: string }) => error.code,
  );
  if (code !== "WAIT_NOT_OPEN") throw new Error(`It was said too late, and came to ${code}.`);
}
