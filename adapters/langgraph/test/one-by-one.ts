// An app whose stream has one order only, so that what is told in several processes can be compared; and
// the stream as a scenario, in which whoever reads writes down what they are told.
import {
  END,
  type LangGraphRunnableConfig,
  MemorySaver,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { Form } from "./streamed.ts";
import { plainChunk } from "./told.ts";

/** One task after the other, some of them in a graph in a task. */
export const oneByOne: Scenario = {
  name: "one-by-one",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const inner = new StateGraph(Lines)
      .addNode("ask", async () => ({ lines: [(await model.invoke("inner")).text] }))
      .addNode("look", async () => ({ lines: [await search.invoke({ q: "inner" })], number: 1 }))
      .addEdge(START, "ask")
      .addEdge("ask", "look")
      .addEdge("look", END)
      .compile();
    const first = async (_: unknown, { writer }: LangGraphRunnableConfig) => {
      writer?.({ began: true });
      return { lines: [(await model.invoke("first")).text] };
    };
    const app = new StateGraph(Lines)
      .addNode("first", first)
      .addNode("inner", inner)
      .addNode("last", async () => ({ lines: [await search.invoke({ q: "last" })] }))
      .addEdge(START, "first")
      .addEdge("first", "inner")
      .addEdge("inner", "last")
      .addEdge("last", END)
      .compile({ checkpointer: new MemorySaver() });
    return { app, input: {}, options: { configurable: { thread_id: "t" } } };
  },
};

export const oneByOneForm: Form = {
  streamMode: ["values", "updates", "checkpoints"],
  subgraphs: true,
};

/** Forms whose states are told anew by who attaches to a run: of those, only ends of tasks are compared. */
export const formsOfEnds: readonly Form[] = [
  { streamMode: ["debug", "messages", "tasks", "custom", "tools"], subgraphs: true },
  { version: "v2", streamMode: "updates" },
  { version: "v3" },
];

const TOLD = "told: ";

/** The effect of being told this; nothing if an effect is another one. */
export function toldIn(key: string): string | undefined {
  return key.startsWith(TOLD) ? key.slice(TOLD.length) : undefined;
}

/**
 * Returns nothing: which process is told how much is chance.
 * @param isNoted what whoever reads writes down
 */
function streamed(form: Form, isNoted: (line: string) => boolean): CrashScenario {
  return {
    name: `one-by-one, streamed as ${form.version ?? String(form.streamMode)}`,
    async run({ runtime, runId, effect }) {
      const { app, input } = oneByOne.build(effect);
      const configurable = { thread_id: runId };
      const given = { configurable, ...form, durable: { runId } };
      const stream: AsyncIterable<unknown> = await runtime.stream(app as DurableApp, input, given);
      for await (const chunk of stream) {
        const line = asLine(plainChunk(chunk));
        if (isNoted(line)) await effect(`${TOLD}${line}`);
      }
      return null;
    },
  };
}

export const streamedOneByOne: CrashScenario = streamed(oneByOneForm, () => true);
export const endsOneByOne: readonly CrashScenario[] = formsOfEnds.map((form) =>
  streamed(form, isEnd),
);

const PASSING = new Set(["__metadata__", "thread_id"]);

/** A task whose result was there is marked as one that was not run; a thread has the name of its run. */
export function asLine(chunk: unknown): string {
  return JSON.stringify(chunk, (key, value) => (PASSING.has(key) ? undefined : value));
}

/** Whether it is told when a task, or a part of what is told of it, has come to its end. */
export function isEnd(line: string): boolean {
  return /"(result|on_chain_stream)"/.test(line);
}

/** Whether the run has passed on when this was told, so that nobody is told it again. */
export function isState(line: string): boolean {
  return !/"updates"|"source":"input"/.test(line);
}
