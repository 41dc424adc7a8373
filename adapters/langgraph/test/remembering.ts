// Graphs in a graph that remember, from call to call.
import {
  type BaseCheckpointSaver,
  type CompiledStateGraph,
  END,
  type LangGraphRunnableConfig,
  MemorySaver,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

export interface Kept {
  readonly checkpointer?: boolean | BaseCheckpointSaver;
}

export const onThread = (thread_id: string): LangGraphRunnableConfig => ({
  configurable: { thread_id },
});
type Inner = CompiledStateGraph<
  typeof Lines.State,
  typeof Lines.Update,
  "__start__" | "look",
  typeof Lines.spec,
  typeof Lines.spec
>;

/** Notes how much it remembers. */
export const remembering = (effect: Effect, kept: Kept): Inner => {
  const look = fakeTool(effect, "look");
  return new StateGraph(Lines)
    .addNode("look", async ({ lines }) => ({
      lines: [await look.invoke({ q: `${lines.length} (${lines.at(-1)})` })],
    }))
    .addEdge(START, "look")
    .addEdge("look", END)
    .compile(kept);
};

type Node = Inner | ((state: typeof Lines.State) => Promise<object>);

/** Two rounds, in each of which the inner graph runs once, or is called twice. */
export const around = (
  node: Node,
  kept: Kept & { readonly interruptBefore?: ["inner"] },
): DurableApp =>
  new StateGraph(Lines)
    .addNode("inner", node)
    .addNode("count", async ({ number }) => ({ number: number + 1 }))
    .addEdge(START, "inner")
    .addEdge("inner", "count")
    .addConditionalEdges("count", ({ number }) => (number % 2 === 1 ? "inner" : END))
    .compile(kept);

const calling =
  (inner: Inner, options?: object) =>
  async ({ number }: typeof Lines.State) => {
    const first = await inner.invoke({ lines: [`first ${number}`] }, options);
    const second = await inner.invoke({ lines: [`second ${number}`] }, options);
    return { lines: [first.lines.join(), second.lines.join()] };
  };

export const ways: Record<string, (inner: Inner) => Node> = {
  "is a node": (inner) => inner,
  "is called by a node": (inner) => calling(inner),
  "is called by a node, on a thread of its own": (inner) => calling(inner, onThread("inner")),
};

/** Those that keep their state. */
export const keepingTheirState: readonly CrashScenario[] = Object.entries(ways)
  .slice(0, 2)
  .map(([way, place]) => ({
    name: `a graph that ${way} and keeps its state`,
    async run({ runtime, runId, effect }) {
      const inner = remembering(effect, { checkpointer: true });
      const app = around(place(inner), { checkpointer: new MemorySaver() });
      return plain(await runtime.run(app, {}, { ...onThread(runId), durable: { runId } }));
    },
  }));
