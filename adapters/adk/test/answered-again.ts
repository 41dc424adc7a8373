// Two confirmations at once, answered in ADK's own form: one of them twice, and once more when it is too late.
import { getPendingUserInputRequests, type LlmAgent } from "@google/adk";
import type { InputOf } from "@holdfast/core";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import { crashScenario, isTooLate } from "./crash-scenario.ts";
import { confirmedInBoth } from "./scenarios/confirmation.ts";
import { plainEvent } from "./scenarios/plain.ts";
import { whoeverIsFirst } from "./whoever-is-first.ts";

const REQUEST = "adk_request_confirmation";
const durable = crashScenario(confirmedInBoth);

/** The last that asks is answered first, with a yes. Whoever says the same again is given the same. */
export const answeredAgain: Scenario = {
  ...durable,
  name: "answered-again",
  async run({ runtime, runId, effect }) {
    const { app, input } = confirmedInBoth.build(effect);
    const say = (said: InputOf<LlmAgent>, durable = {}) =>
      runtime.run(app as LlmAgent, said, { userId: "ann", sessionId: runId, durable });
    let { events, state } = await say(input, { runId });
    for (;;) {
      const asked = getPendingUserInputRequests([...events]).at(-1);
      if (asked === undefined) break;
      const confirmed = asked.author === "buy";
      const answer = answerTo(asked.interruptId, confirmed);
      ({ events, state } = await say(answer));
      if (!confirmed) continue;
      await isTooLate(() => say(answerTo(asked.interruptId, !confirmed)));
      ({ events, state } = await say(answer));
    }
    return whoeverIsFirst(confirmedInBoth, { events: events.map(plainEvent), state });
  },
  async answer(wait, people) {
    if (wait.kind === "doubt") await durable.answer!(wait, people);
  },
};

function answerTo(id: string, confirmed: boolean) {
  return { parts: [{ functionResponse: { id, name: REQUEST, response: { confirmed } } }] };
}
