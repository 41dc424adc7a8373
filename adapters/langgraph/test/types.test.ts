import type { Runtime, StreamOf } from "@holdfast/core";
import type { BaseMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import type { StreamEvent } from "@langchain/core/tracers/log_stream";
import { Annotation, entrypoint, type GraphRunStream, StateGraph } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { expectTypeOf, test } from "vitest";
import type {} from "../src/index.ts";

const State = Annotation.Root({ total: Annotation<number>, note: Annotation<string> });
const count = new StateGraph(State).addNode("count", async () => ({ total: 1 }));
const graph = count.addEdge("__start__", "count").compile();
type State = typeof State.State;
type Told<Stream> = Stream extends AsyncIterable<infer Chunk> ? Chunk : never;

/** Never called: only its types are looked at. */
const streams = (runtime: Runtime) => ({
  usual: runtime.stream(graph, { total: 1 }),
  values: runtime.stream(
    graph,
    {},
    { streamMode: "values", tags: ["a"], interruptBefore: ["count"], durable: { runId: "r" } },
  ),
  updates: runtime.stream(graph, {}, { streamMode: "updates", subgraphs: true }),
  several: runtime.stream(graph, {}, { streamMode: ["values", "messages"], callbacks: [] }),
  bytes: runtime.stream(graph, {}, { streamMode: "values", encoding: "text/event-stream" }),
  events: runtime.stream(graph, {}, { version: "v2" }),
  protocol: runtime.stream(graph, {}, { version: "v3" }),
  // @ts-expect-error There is no such mode.
  wrongMode: runtime.stream(graph, {}, { streamMode: "value" }),
  // @ts-expect-error There is no such option.
  wrongOption: runtime.stream(graph, {}, { streamModes: "values", tags: ["a"] }),
});
type Streams = ReturnType<typeof streams>;

test("a graph's stream is what its own is, by the modes it is asked for in", () => {
  const own = graph.stream;
  expectTypeOf<Streams["usual"]>().toExtend<ReturnType<typeof own<undefined, false, undefined>>>();
  expectTypeOf<Streams["values"]>().toExtend<ReturnType<typeof own<"values", false, undefined>>>();
  expectTypeOf<Streams["updates"]>().toExtend<ReturnType<typeof own<"updates", true, undefined>>>();
  expectTypeOf<Told<Streams["values"]>>().toEqualTypeOf<State>();
  expectTypeOf<Told<Streams["several"]>>().toExtend<
    ["values", State] | ["messages", [BaseMessage, object]]
  >();
  expectTypeOf<Told<Streams["several"]>[0]>().toEqualTypeOf<"values" | "messages">();
  expectTypeOf<Told<Streams["bytes"]>>().toEqualTypeOf<Uint8Array>();
});

test("events, and version 3, are what streamEvents gives", () => {
  expectTypeOf<Told<Streams["events"]>>().toEqualTypeOf<StreamEvent>();
  expectTypeOf<Streams["protocol"]>().toExtend<Promise<GraphRunStream<State>>>();
});

test("entrypoints, agents and chains have their own types of chunks", () => {
  const app = entrypoint("report", async (n: number) => `${n}`);
  expectTypeOf<Told<StreamOf<typeof app, { streamMode: "values" }>>>().toEqualTypeOf<string>();
  const agent = createAgent({ model: "gpt-test" });
  const own = agent.stream;
  type Own = Awaited<ReturnType<typeof own<"values", false, undefined>>>;
  type Values = StreamOf<typeof agent, { streamMode: "values" }>;
  expectTypeOf<Told<Values>>().toEqualTypeOf<Told<Own>>();
  type Protocol = Awaited<StreamOf<typeof agent, { version: "v3" }>>;
  expectTypeOf<Protocol>().toHaveProperty("toolCalls");
  const chain = RunnableLambda.from((n: number) => n);
  expectTypeOf<Told<StreamOf<typeof chain>>>().toEqualTypeOf<number>();
  expectTypeOf<Told<StreamOf<typeof chain, { version: "v2" }>>>().toEqualTypeOf<StreamEvent>();
});
