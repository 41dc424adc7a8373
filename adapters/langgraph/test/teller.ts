// A model that is killed in the middle of its stream.
import { AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { END, START, StateGraph } from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Effect } from "./scenarios/scenario.ts";

class Teller extends FakeModel {
  readonly #effect: Effect;
  constructor(effect: Effect) {
    super(effect, () => "");
    this.#effect = effect;
  }
  override async *_streamResponseChunks(_messages: BaseMessage[]) {
    for (const text of ["one ", "two ", "three"]) {
      await this.#effect(text);
      yield new ChatGenerationChunk({ text, message: new AIMessageChunk(text) });
    }
  }
}
function app(effect: Effect): DurableApp {
  const tell = async () => {
    const lines: string[] = [];
    for await (const { text } of await new Teller(effect).stream("tell")) lines.push(text);
    return { lines };
  };
  const graph = new StateGraph(Lines).addNode("tell", tell);
  return graph.addEdge(START, "tell").addEdge("tell", END).compile();
}

export const toldInPieces: CrashScenario = {
  name: "stream",
  run: ({ runtime, runId, effect }) => runtime.run(app(effect), {}, { durable: { runId } }),
};
