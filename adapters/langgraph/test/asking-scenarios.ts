// Apps that pause: at breakpoints, by questions of nodes, of graphs in graphs, of branches at once.
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import {
  Annotation,
  DeltaChannel,
  END,
  entrypoint,
  interrupt,
  MemorySaver,
  messagesDeltaReducer,
  Send,
  START,
  StateGraph,
  task,
} from "@langchain/langgraph";
import { createAgent, humanInTheLoopMiddleware } from "langchain";
import type { AskingScenario } from "./asking-scenario.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { rounds } from "./scenarios/rounds.ts";
import type { Effect } from "./scenarios/scenario.ts";

const options = { configurable: { thread_id: "t" } };
const yes = () => "yes";
const ownSaver = () => ({ checkpointer: new MemorySaver() });

/** A node that looks something up. */
const looks = (effect: Effect, name: string) => {
  const tool = fakeTool(effect, name);
  return async ({ lines }: typeof Lines.State) => ({
    lines: [await tool.invoke({ q: String(lines.length) })],
  });
};

/** A node that looks something up, asks, and looks up another thing. */
const asks = (effect: Effect, name: string) => {
  const [before, after] = [fakeTool(effect, `${name}-before`), fakeTool(effect, `${name}-after`)];
  return async ({ lines }: typeof Lines.State) => {
    const found = await before.invoke({ q: String(lines.length) });
    const answer: unknown = interrupt({ question: `${name}: ${found}?` });
    return {
      lines: [`${found} ${answer}`, await after.invoke({ q: `${answer} ${lines.length}` })],
    };
  };
};

const breakpoints: AskingScenario = {
  name: "breakpoints before and after nodes, in a loop",
  answerTo: yes,
  build: (effect) => ({
    app: new StateGraph(Lines)
      .addNode("look", looks(effect, "look"))
      .addNode("act", looks(effect, "act"))
      .addEdge(START, "look")
      .addEdge("look", "act")
      .addConditionalEdges("act", ({ lines }) => (lines.length < 4 ? "look" : END))
      .compile({ ...ownSaver(), interruptBefore: ["act"], interruptAfter: ["act"] }),
    input: {},
    options,
  }),
};

const innerBreakpoint: AskingScenario = {
  name: "a breakpoint before a graph, and one in it",
  answerTo: yes,
  build: (effect) => {
    const inner = new StateGraph(Lines)
      .addNode("look", looks(effect, "look"))
      .addNode("act", looks(effect, "act"))
      .addEdge(START, "look")
      .addEdge("look", "act")
      .addEdge("act", END)
      .compile({ interruptBefore: ["act"] });
    const app = new StateGraph(Lines)
      .addNode("first", looks(effect, "first"))
      .addNode("inner", inner)
      .addEdge(START, "first")
      .addEdge("first", "inner")
      .addEdge("inner", END)
      .compile({ ...ownSaver(), interruptBefore: "*" });
    return { app, input: {}, options };
  },
};

export const branches: AskingScenario = {
  name: "branches that ask at once",
  answerTo: (asked) => `answer to ${(asked as { question: string }).question}`,
  build: (effect) => ({
    app: new StateGraph(Lines)
      .addNode("ask", async ({ number }: typeof Lines.State) => {
        const found = await fakeTool(effect, "look").invoke({ q: String(number) });
        const answer: unknown = interrupt({ question: found });
        return { lines: [`${answer}: ${await fakeTool(effect, "act").invoke({ q: found })}`] };
      })
      .addConditionalEdges(START, () => [1, 2, 3].map((number) => new Send("ask", { number })))
      .addEdge("ask", END)
      .compile(ownSaver()),
    input: {},
    options,
  }),
};

const inALoop: AskingScenario = {
  name: "a question in each round of a loop",
  answerTo: yes,
  build: (effect) => ({
    app: new StateGraph(Lines)
      .addNode("ask", asks(effect, "ask"))
      .addEdge(START, "ask")
      .addConditionalEdges("ask", ({ lines }) => (lines.length < 6 ? "ask" : END))
      .compile(ownSaver()),
    input: {},
    options,
  }),
};

const inside = (
  name: string,
  settings: () => { checkpointer?: true | MemorySaver },
): AskingScenario => ({
  name: `a question in a graph in a graph, ${name}`,
  answerTo: yes,
  build: (effect) => {
    const inner = new StateGraph(Lines)
      .addNode("look", looks(effect, "inner-look"))
      .addNode("ask", asks(effect, "inner-ask"))
      .addEdge(START, "look")
      .addEdge("look", "ask")
      .addEdge("ask", END)
      .compile(settings());
    const app = new StateGraph(Lines)
      .addNode("first", looks(effect, "first"))
      .addNode("inner", inner)
      .addNode("last", looks(effect, "last"))
      .addEdge(START, "first")
      .addEdge("first", "inner")
      .addEdge("inner", "last")
      .addEdge("last", END)
      .compile(ownSaver());
    return { app, input: {}, options };
  },
});

const calledTwoDeep: AskingScenario = {
  name: "a question in a graph that a node calls, two deep",
  answerTo: yes,
  build: (effect) => {
    const build = (name: string, node: (state: typeof Lines.State) => Promise<object>) =>
      new StateGraph(Lines)
        .addNode("before", looks(effect, `${name}-before`))
        .addNode("node", node)
        .addEdge(START, "before")
        .addEdge("before", "node")
        .addEdge("node", END);
    const deepest = build("deepest", asks(effect, "ask")).compile();
    const middle = build("middle", async ({ number }) => deepest.invoke({ number })).compile();
    const app = build("outer", async ({ number }) => {
      const { lines } = await middle.invoke({ number });
      return { lines: [lines.join()] };
    }).compile(ownSaver());
    return { app, input: {}, options };
  },
};

/** Asks twice, and does something with the first answer in between. */
const asksTwice = async (effect: Effect, nth: number) => {
  const who: unknown = interrupt({ question: `who is ${nth}?` });
  await fakeTool(effect, "find").invoke({ q: String(who) });
  const what: unknown = interrupt({ question: `what does ${nth} want?` });
  return fakeTool(effect, "do").invoke({ q: `${who}, ${what}` });
};
const ofOneNode = (node: (state: typeof Lines.State) => Promise<typeof Lines.Update>) =>
  new StateGraph(Lines).addNode("node", node).addEdge(START, "node").addEdge("node", END);
const byQuestion = (asked: unknown) =>
  `answer to "${(asked as { readonly question: string }).question}"`;

const twiceInside: AskingScenario = {
  name: "two questions in turn of nodes and tasks in a graph in a graph, after one around them",
  answerTo: byQuestion,
  build: (effect) => {
    const ask = task("ask", async (nth: number) => asksTwice(effect, nth));
    const inner = ofOneNode(async ({ number }) => ({
      lines: [await (number === 1 ? asksTwice(effect, number) : ask(number))],
    })).compile();
    const middle = ofOneNode(async ({ number }) => {
      const may: unknown = interrupt({ question: `may ${number}?` });
      const { lines } = await inner.invoke({ number });
      return { lines: [`${may}: ${lines}`] };
    });
    const app = new StateGraph(Lines)
      .addNode("middle", middle.compile())
      .addConditionalEdges(START, () => [1, 2].map((number) => new Send("middle", { number })))
      .addEdge("middle", END)
      .compile(ownSaver());
    return { app, input: {}, options };
  },
};

const twiceInTask: AskingScenario = {
  name: "two questions in turn of a functional task",
  answerTo: byQuestion,
  build: (effect) => {
    const ask = task("ask", async (nth: number) => asksTwice(effect, nth));
    const app = ofOneNode(async () => ({ lines: [await ask(1), await ask(2)] }));
    return { app: app.compile(ownSaver()), input: {}, options };
  },
};

const tasksInside: AskingScenario = {
  name: "a question after tasks of a functional graph in a graph",
  answerTo: yes,
  build: (effect) => {
    const search = task("search", async (q: string) => fakeTool(effect, "search").invoke({ q }));
    const inner = entrypoint("inner", async (topic: string) => {
      const found = await Promise.all([search(`${topic} 1`), search(`${topic} 2`)]);
      const answer: unknown = interrupt({ question: found.join() });
      return [...found, await search(String(answer))];
    });
    const app = new StateGraph(Lines)
      .addNode("inner", async () => ({ lines: await inner.invoke("kelp") }))
      .addEdge(START, "inner")
      .addEdge("inner", END)
      .compile(ownSaver());
    return { app, input: {}, options };
  },
};

export const decided: AskingScenario = {
  name: "calls of tools that the middleware has a person approve, edit and reject",
  answerTo: (asked) => {
    const { actionRequests } = asked as { actionRequests: readonly { args: { q: string } }[] };
    return {
      decisions: actionRequests.map(({ args: { q } }) => {
        if (q.endsWith("0")) return { type: "approve" };
        if (q.endsWith("1"))
          return { type: "edit", editedAction: { name: "pay", args: { q: "less" } } };
        return { type: "reject", message: "too much" };
      }),
    };
  },
  build: (effect) => ({
    app: createAgent({
      model: new FakeModel(effect, rounds(["pay", "pay", "pay", "look"], ["look"])),
      tools: [fakeTool(effect, "pay"), fakeTool(effect, "look")],
      middleware: [humanInTheLoopMiddleware({ interruptOn: { pay: true } } as never) as never],
      ...ownSaver(),
    }),
    input: { messages: [new HumanMessage("go")] },
    options,
  }),
};

const DeltaState = Annotation.Root({
  messages: new DeltaChannel<BaseMessage[], BaseMessage[]>(messagesDeltaReducer as never) as never,
}) as unknown as typeof Lines;

const delta: AskingScenario = {
  name: "a state told in deltas",
  answerTo: yes,
  build: (effect) => ({
    app: new StateGraph(DeltaState)
      .addNode("ask", async (state: unknown) => {
        const { messages } = state as { messages: readonly BaseMessage[] };
        const found = await fakeTool(effect, "look").invoke({ q: String(messages.length) });
        const answer: unknown = interrupt({ question: found });
        return { messages: [new HumanMessage(`${found} ${answer}`)] } as never;
      })
      .addEdge(START, "ask")
      .addConditionalEdges("ask", (state: unknown) =>
        (state as { messages: readonly unknown[] }).messages.length < 4 ? "ask" : END,
      )
      .compile(ownSaver()),
    input: { messages: [new HumanMessage("go")] },
    options,
  }),
};

export const askingScenarios: readonly AskingScenario[] = [
  breakpoints,
  innerBreakpoint,
  branches,
  inALoop,
  inside("which has no checkpointer", () => ({})),
  inside("which keeps its state", () => ({ checkpointer: true })),
  inside("which has a checkpointer of its own", ownSaver),
  calledTwoDeep,
  twiceInside,
  twiceInTask,
  tasksInside,
  decided,
  delta,
];
