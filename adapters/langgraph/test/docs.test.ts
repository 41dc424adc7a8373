// The programs that docs/langgraph.md shows are the ones that run here.
import { type Policies, Runtime, step } from "@holdfast/core";
import { HumanMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import {
  Command,
  END,
  INTERRUPT,
  interrupt,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { OpenAIEmbeddings } from "@langchain/openai";
import { createAgent } from "langchain";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { programsNotRun } from "../../../conformance/src/docs/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { durableEmbeddings } from "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { rounds } from "./scenarios/rounds.ts";

const PAGES = ["../../../docs/langgraph.md", "../README.md"];

const { url } = testDatabase();
/** Each test has runs of its own. */
let namespace: string;
let runtime: Runtime;
let shown: unknown[];
beforeEach(() => {
  vi.stubEnv("HOLDFAST_DATABASE_URL", url);
  vi.stubEnv("OPENAI_API_KEY", "none");
  namespace = crypto.randomUUID();
  runtime = new Runtime({ namespace });
  shown = [];
});
afterEach(async () => {
  await runtime.close();
  vi.unstubAllEnvs();
});

type State = typeof MessagesAnnotation.State;

const quiet = async () => {};
const show = (...what: unknown[]) => void shown.push(what);
const model = new FakeModel(quiet, (messages) => `heard ${messages.length}`);
const input = { messages: [new HumanMessage("Refund A-1042.")] };
const oneNode = (node: (state: State) => Promise<Partial<State>>) =>
  new StateGraph(MessagesAnnotation)
    .addNode("node", node)
    .addEdge(START, "node")
    .addEdge("node", END);
const answering = () =>
  oneNode(async ({ messages }) => ({ messages: [await model.invoke(messages)] }));

test.each(PAGES)("%s shows nothing else", (page) => {
  const url = new URL(page, import.meta.url);
  expect(programsNotRun(url, new URL(import.meta.url))).toEqual([]);
});

test("a graph, by its name, and a chain", async () => {
  const agent = answering().compile();
  const refunded = async () => {
    const { messages } = await runtime.run(agent, input, { durable: { runId: "refund A-1042" } });
    return messages.map(({ text, id }) => [text, id]);
  };
  const first = await refunded();
  expect(first.map(([text]) => text)).toEqual(["Refund A-1042.", "heard 1"]);
  expect(await refunded()).toEqual(first);
  const prompt = ChatPromptTemplate.fromTemplate("What is {topic}?");
  const { text } = await runtime.run(prompt.pipe(model), { topic: "kelp" });
  expect(text).toBe("heard 1");
});

test("a served graph", async () => {
  const agent = answering().compile();
  await runtime.serve({ refund: agent });
  const other = new Runtime({ namespace });
  const run = await other.start("refund", input);
  expect(await run.result()).toMatchObject({ messages: [{ text: "Refund A-1042." }, {}] });
  await other.close();
});

test("a node that does something, policies, and embeddings", async () => {
  const notified: number[] = [];
  const desk = { notify: async (count: number) => void notified.push(count) };
  const notify = async (state: State) => {
    await step("notify", () => desk.notify(state.messages.length));
    return {};
  };
  const policies: Policies = {
    tools: { refund: { inDoubt: "once", timeout: 20_000 } },
    models: { "gpt-4.1-mini": { retries: { times: 4, delay: 1000 } } },
    approve: { tools: ["refund"], when: ({ args }) => (args as { euros: number }).euros > 100 },
  };
  await runtime.run(oneNode(notify).compile(), input, { durable: { policies } });
  expect(notified).toEqual([1]);
  const embeddings = durableEmbeddings(new OpenAIEmbeddings());
  expect(embeddings).toBeInstanceOf(OpenAIEmbeddings);
});

const ask = async () => ({ messages: [new HumanMessage(`told ${interrupt("Go on?")}`)] });

test("an answer in LangGraph's form", async () => {
  const asking = oneNode(ask).compile({ checkpointer: new MemorySaver() });
  const told = async () => {
    const thread = { configurable: { thread_id: "order 7" } };
    const paused = await runtime.run(asking, input, thread);
    if (isInterrupted(paused)) show(paused[INTERRUPT]);
    const { messages } = await runtime.run(asking, new Command({ resume: "yes" }), thread);
    return messages.at(-1)?.text;
  };
  expect(await told()).toBe("told yes");
  expect(shown).toMatchObject([[[{ value: "Go on?" }]]]);
});

test("an answer by the handle", async () => {
  const asking = oneNode(ask).compile();
  const durable = { runId: "refund A-1042" };
  await runtime.run(asking, input, { durable });
  const handle = runtime.handle("refund A-1042");
  const [wait] = await handle.waits();
  await handle.respond(wait!.id, "yes", { by: "ana" });
  const { messages } = await runtime.run(asking, input, { durable });
  expect(messages.at(-1)?.text).toBe("told yes");
});

test("an approval that a policy asks for", async () => {
  const paid: string[] = [];
  const refund = fakeTool(async (name) => void paid.push(name), "refund");
  const agent = createAgent({ model: new FakeModel(quiet, rounds(["refund"])), tools: [refund] });
  const done = runtime.run(agent, input, {
    durable: { runId: "refund A-1043", approve: { tools: ["refund"] } },
  });
  await expect.poll(() => runtime.handle("refund A-1043").waits()).toHaveLength(1);
  expect(paid).toEqual([]);
  await runtime.handle("refund A-1043").approve(undefined, { by: "ana", note: "as agreed" });
  await done;
  expect(paid).toHaveLength(1);
});

test("the state of a run", async () => {
  const agent = answering().compile();
  await runtime.run(agent, input, { durable: { runId: "refund A-1042" } });
  const config = await runtime.config(agent, "refund A-1042");
  const { values, next } = await agent.getState(config);
  for await (const { values } of agent.getStateHistory(config)) show(values);
  await agent.updateState(config, { messages: [new HumanMessage("Refund half of it.")] });
  expect([values.messages.length, next]).toEqual([2, []]);
  expect(shown).toHaveLength(3);
  expect((await agent.getState(config)).values.messages).toHaveLength(3);
});

test("a stream", async () => {
  const agent = answering().compile();
  for await (const [mode, chunk] of runtime.stream(agent, input, {
    streamMode: ["updates", "messages"],
  })) {
    show(mode, chunk);
  }
  expect(new Set(shown.map((told) => (told as [string])[0]))).toEqual(
    new Set(["updates", "messages"]),
  );
});
