// A model that fails twice before it is well, and a policy that has it tried again.
import { LlmAgent, SequentialAgent } from "@google/adk";
import { currentScope } from "@holdfast/core/journal";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeLlm } from "./scenarios/fake-llm.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

const retries = { times: 3, delay: 1, when: (error: unknown) => String(error).includes("503") };

export const busyTwice: Scenario = {
  name: "busy-twice",
  async run({ runtime, runId, effect }) {
    const says = (name: string, of: Effect) =>
      new LlmAgent({ name, model: new FakeLlm(of, name, () => `${name} is well`) });
    const subAgents = [says("first", effect), says("busy", failing(effect)), says("third", effect)];
    const app = new SequentialAgent({ name: "all", subAgents });
    const durable = { runId, policies: { models: { busy: { retries } } } } as const;
    const { events, output } = await runtime.run(app, "Go.", { durable });
    return { events: events.map(plainEvent), output };
  },
};

function failing(effect: Effect): Effect {
  return async (name) => {
    const nth = currentScope.getStore()?.step?.try ?? 0;
    await effect(`${name}, try ${nth}`);
    if (nth < 3) throw new Error(JSON.stringify({ error: { code: 503, message: "Too busy." } }));
  };
}
