// An agent of whose calls a person approves one and rejects the other, by policy.
import { HumanMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import { rounds } from "./scenarios/rounds.ts";

/** The effect that never happens twice. */
export const paid = "tool: pay pay1";

export const approval: CrashScenario = {
  name: "approval",
  options: { policies: { approve: { tools: ["pay"] } } },
  once: [paid],
  async run({ runtime, runId, effect }) {
    const model = new FakeModel(effect, rounds(["look", "pay", "pay"]));
    const app = createAgent({
      model,
      tools: [fakeTool(effect, "look"), fakeTool(effect, "pay")],
    });
    const input = { messages: [new HumanMessage("go")] };
    return plain(await runtime.run(app, input, { durable: { runId } }));
  },
  async answer({ kind, seq, body }, { handle, happened }) {
    const about = JSON.parse(body!) as { readonly q?: string; readonly step: number };
    if (kind === "doubt") {
      await handle.settle(
        about.step,
        (await happened(paid)) ? { result: "pay found pay1" } : "retry",
      );
    } else if (about.q === "pay1") await handle.approve(seq);
    else await handle.reject(seq, { note: "too much" });
  },
};
