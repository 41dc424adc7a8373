// One agent object that two turns have at once.
import { LlmAgent } from "@google/adk";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeLlm, responses, said } from "./scenarios/fake-llm.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Both are parts of one run, as what happens in them is counted there. */
export const oneRoot: Scenario = {
  name: "one-root",
  run({ runtime, runId, effect }) {
    const app = watcher(effect);
    const look = async (at: string) => {
      const { events, state } = await runtime.run(app, at, { durable: { runId: at } });
      return { events: events.map(plainEvent), state };
    };
    const both = () => Promise.all([look("sea"), look("sky")]);
    return runtime.run(both, undefined, { durable: { runId } });
  },
};

function watcher(effect: Effect): LlmAgent {
  const q = (request: Parameters<typeof said>[0]) => said(request).split("\n")[0]!;
  return new LlmAgent({
    name: "watcher",
    model: new FakeLlm(
      effect,
      "watcher",
      (request) =>
        responses(request, "look").length === 0
          ? [{ name: "look", args: { q: q(request) } }]
          : `has seen ${JSON.stringify(responses(request, "look"))}`,
      (request) => `${q(request)} ${request.contents.length}`,
    ),
    tools: [fakeTool(effect, "look")],
    outputKey: "seen",
  });
}
