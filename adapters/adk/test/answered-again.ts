// Two confirmations at once, each answered twice and then too late: through the handle, and in ADK's own form.
import { getPendingUserInputRequests, type LlmAgent } from "@google/adk";
import type { InputOf } from "@holdfast/core";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import { crashScenario } from "./crash-scenario.ts";
import { confirmedInBoth } from "./scenarios/confirmation.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { PlainTurn } from "./scenarios/run-bare.ts";
import { whoeverIsFirst } from "./whoever-is-first.ts";

const REQUEST = "adk_request_confirmation";
const durable = crashScenario(confirmedInBoth);

/** Of what was decided, neither the same nor the contrary can be said once more. */
export const decidedAgain: Scenario = {
  ...durable,
  name: "decided-again",
  run: async (process) =>
    whoeverIsFirst(confirmedInBoth, (await durable.run(process)) as PlainTurn),
  async answer(wait, people) {
    await durable.answer!(wait, people);
    if (wait.kind === "doubt") return;
    await isTooLate(() => people.handle.approve(wait.seq));
    await isTooLate(() => people.handle.reject(wait.seq));
  },
};

/** The last that asks is answered first, with a yes, whoever else asks with a no. Whoever says the same again is given the same. */
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

async function isTooLate(say: () => Promise<unknown>): Promise<void> {
  const code = await say().then(
    () => "none",
    (error: { readonly code?: string }) => error.code,
  );
  if (code !== "WAIT_NOT_OPEN") throw new Error(`It was said too late, and came to ${code}.`);
}
