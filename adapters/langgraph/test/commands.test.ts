// Commands as inputs: what they answer, what they change, and where they send a graph, beside what
// LangGraph alone does with them.
import {
  Command,
  END,
  interrupt,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { beforeEach, describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { asking, byCommand, byId, type Input, type Output, onThread } from "./by-command.ts";
import { processes } from "./processes.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next, die } = processes();
let effects: string[];
beforeEach(() => {
  effects = [];
});
const effect = async (name: string) => void effects.push(name);

type App = ReturnType<typeof asking>;

/** What comes of a conversation with LangGraph alone, and with each turn in a process of its own. */
async function both(
  app: (each: Effect) => App,
  turns: readonly ((last: Output) => Input)[],
): Promise<readonly [bare: readonly unknown[], durable: readonly unknown[]]> {
  const bareApp = app(async () => {});
  const bare = await talk(turns, async (input) => bareApp.invoke(input as never, onThread("t")));
  const durable = await talk(turns, async (input) =>
    next().run(app(effect), input as never, onThread("t")),
  );
  return [bare, durable];
}

async function talk(
  turns: readonly ((last: Output) => Input)[],
  say: (input: Input) => Promise<unknown>,
): Promise<readonly unknown[]> {
  const outputs: unknown[] = [];
  let last = {} as Output;
  for (const turn of turns) {
    last = (await say(turn(last))) as Output;
    outputs.push(plain(last));
  }
  return outputs;
}

const conversations: Record<string, readonly ((last: Output) => Input)[]> = {
  "answers one after the other": [
    () => ({}),
    () => new Command({ resume: "ana" }),
    (last) => byId(last, () => "a fish"),
  ],
  "an answer that changes the state as well": [
    () => ({ number: 1 }),
    () => new Command({ resume: "ana" }),
    () => new Command({ resume: "a fish", update: { number: 7, lines: ["by hand"] } }),
  ],
  "an answer that sends the graph elsewhere as well": [
    () => ({}),
    (last) => byId(last, () => "ana"),
    () => new Command({ resume: "a fish", goto: ["aside", new Send("aside", {})] }),
  ],
  "an update of a thread that goes on elsewhere": [
    () => ({}),
    () => new Command({ resume: "ana" }),
    () => new Command({ resume: "a fish" }),
    () => new Command({ update: { lines: ["more"] }, goto: "aside" }),
    () => ({ number: 3 }),
  ],
};

test.each(Object.entries(conversations))("%s", async (_name, turns) => {
  const [bare, durable] = await both(asking, turns);
  expect(durable).toEqual(bare);
});

test("a conversation that is held by commands is killed anywhere, and nobody can tell", async () => {
  const report = await everyPoint(byCommand, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test("branches that ask at once are all answered by one command", async () => {
  const branches = () =>
    new StateGraph(Lines)
      .addNode("ask", async ({ number }) => ({ lines: [`${number}: ${interrupt(number)}`] }))
      .addConditionalEdges(START, () => [1, 2, 3].map((number) => new Send("ask", { number })))
      .addEdge("ask", END)
      .compile({ checkpointer: new MemorySaver() }) as unknown as App;
  const [bare, durable] = await both(branches, [
    () => ({}),
    (last) => {
      const [, ...others] = last.__interrupt__ ?? [];
      return byId({ ...last, __interrupt__: others }, (value) => `told ${value}`);
    },
    (last) => byId(last, (value) => `told ${value}`),
  ]);
  expect(durable).toEqual(bare);
});

describe("a command that is given again, because nobody lived to hear what came of it", () => {
  test.each([
    ["to the second of two questions", new Command({ resume: "no" })],
    ["with more than an answer", new Command({ resume: "no", update: { number: 7 } })],
  ])("is taken once: %s", async (_name, command) => {
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    let isFirst = true;
    const app = () =>
      asking(async (name) => {
        effects.push(name);
        if (!name.endsWith(" 1") || !isFirst) return;
        isFirst = false;
        resolve();
        await new Promise(() => {});
      });
    await next().run(app(), {}, onThread("t"));
    await next().run(app(), new Command({ resume: "yes" }), onThread("t"));
    const say = () => next().run(app(), command as never, onThread("t"));
    say().catch(() => {}); // It is left where it is.
    await reached;
    die();
    const output = await say();
    const { number } = (command.update ?? { number: 0 }) as { number: number };
    expect(output.lines).toEqual([`look found first: yes,no at ${number}`, "look found 1"]);
    expect(effects).toEqual(["tool: look first", "tool: look 1", "tool: look 1"]);
  });

  test("is taken once: to a breakpoint", async () => {
    const app = () =>
      new StateGraph(Lines)
        .addNode("ask", async () => ({ lines: ["asked"] }))
        .addEdge(START, "ask")
        .addEdge("ask", END)
        .compile({ checkpointer: new MemorySaver(), interruptBefore: ["ask"] });
    await next().run(app(), {}, onThread("t"));
    expect((await next().run(app(), null, onThread("t"))).lines).toEqual(["asked"]);
    expect((await next().run(app(), null, onThread("t"))).lines).toEqual(["asked"]);
  });
});

test("of processes that answer at once, those that say the same go on, and the others are told", async () => {
  await next().run(asking(effect), {}, onThread("t"));
  const given = ["ana", "ana", "ana", "bo"].map((resume) =>
    next()
      .run(asking(effect), new Command({ resume }), onThread("t"))
      .then((output) => (output as Output).__interrupt__?.map(({ value }) => value)),
  );
  const came = await Promise.allSettled(given);
  const said = came.map((one) => (one.status === "fulfilled" ? one.value : one.reason.code));
  expect(said).toEqual([["What?"], ["What?"], ["What?"], "WAIT_NOT_OPEN"]);
  expect(effects).toEqual(["tool: look first"]);
});

test("a command that answers nothing is refused while the thread waits for an answer", async () => {
  await next().run(asking(effect), {}, onThread("t"));
  const update = new Command({ update: { lines: ["more"] } });
  const given = next().run(asking(effect), update as never, onThread("t"));
  await expect(given).rejects.toMatchObject({ code: "THREAD_BUSY" });
});
