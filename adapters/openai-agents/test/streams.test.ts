// A streamed run: the SDK's own result and events, of what is new.
import { Agent, type ModelRequest, run, type StreamEvent, StreamedRunResult } from "@openai/agents";
import { describe, expect, test } from "vitest";
import { agentThatCalls } from "./agent-that-calls.ts";
import { deadly } from "./deadly.ts";
import { processes } from "./processes.ts";
import { streamedApprovals } from "./scenarios/approvals.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain, plainEvent } from "./scenarios/plain.ts";
import { runBare, WHY_REJECTED } from "./scenarios/run-bare.ts";
import type { Notes } from "./scenarios/scenario.ts";
import { streamedTravelDesk } from "./scenarios/travel-desk.ts";

const { next, die, effect, effects, waitFor } = processes();
const durable = { runId: "r" };

async function eventsOf(stream: AsyncIterable<unknown>): Promise<string[]> {
  const events: string[] = [];
  for await (const event of stream) events.push(plainEvent(event as never));
  return events;
}

describe("a streamed run", () => {
  test("is the SDK's own, event by event, to its result", async () => {
    const [bare] = await runBare(streamedTravelDesk, async () => {});
    const { app, input, options } = streamedTravelDesk.build(effect);
    const stream = next().stream(app, input, { ...options, durable });
    expect(stream).toBeInstanceOf(StreamedRunResult);
    const events = await eventsOf(stream);
    await stream.completed;
    expect({ events, ...plain(stream as never) }).toEqual(bare);
    expect(stream.lastAgent?.name).toBe("Seating");
    expect(stream.currentTurn).toBe(4);
  });

  test("gives its text, and takes being awaited first, as code for the SDK does it", async () => {
    const agent = new Agent({
      name: "Clerk",
      model: new FakeModel(effect, "clerk", () => "one two three"),
    });
    const stream = await next().stream(agent, "Go.", { durable });
    const texts: string[] = [];
    for await (const text of stream.toTextStream()) texts.push(text);
    await stream.completed;
    expect(texts).toEqual(["one ", "two ", "three"]);
    expect(stream.finalOutput).toBe("one two three");
    expect(stream.error).toBeNull();
  });

  test("tells those who look on of its pieces", async () => {
    const agent = new Agent({
      name: "Clerk",
      model: new FakeModel(effect, "clerk", () => "one two"),
    });
    const runtime = next();
    const stream = runtime.stream(agent, "Go.", { durable });
    const deltas: unknown[] = [];
    for await (const { type, value } of runtime.handle("r").events()) {
      if (type === "delta") deltas.push((value as { readonly delta?: string }).delta);
    }
    await stream.completed;
    expect(deltas).toEqual([undefined, "one ", "two", undefined]);
  });

  test("that fails does so where it is read and where it is awaited, after the events before", async () => {
    const failing = (): Agent<Notes> =>
      agentThatCalls(
        effect,
        [{ name: "look", args: { q: "x" }, id: "c1" }],
        [
          fakeTool(
            (name) => (name.startsWith("tool") ? Promise.reject(new Error("no")) : effect(name)),
            "look",
          ),
        ],
      );
    const options = () => ({ context: { notes: {} }, maxTurns: 1 });
    const bare = await run(failing(), "Go.", { ...options(), stream: true });
    const stream = next().stream(failing(), "Go.", { ...options(), durable });
    const [expected, found] = await Promise.all([bare, stream].map(untilItFails));
    expect(found).toEqual(expected);
    await expect(stream.completed).rejects.toThrow("Max turns");
    expect(stream.error).toMatchObject({ name: "MaxTurnsExceededError" });
  });

  test("of a run that is over gives its result and no events", async () => {
    const agent = () =>
      new Agent({ name: "Clerk", model: new FakeModel(effect, "clerk", () => "said") });
    await next().run(agent(), "Go.", { durable });
    const stream = next().stream(agent(), "Go.", { durable });
    expect(await eventsOf(stream)).toEqual([]);
    expect(stream.finalOutput).toBe("said");
    expect(effects).toHaveLength(1);
  });

  test("begun as a whole is gone on with as a stream, and the other way round", async () => {
    const app = () =>
      agentThatCalls(
        effect,
        [{ name: "look", args: { q: "x" }, id: "c1" }],
        [fakeTool(effect, "look", { needsApproval: true })],
      );
    const options = () => ({ context: { notes: {} }, durable });
    await next().run(app(), "Go.", options());
    await next().handle("r").approve();
    const stream = next().stream(app(), "Go.", options());
    expect((await eventsOf(stream)).map((event) => event.split(" ")[0])).toEqual([
      "tool_output:",
      "response_started",
      expect.anything(),
      expect.anything(),
      expect.anything(),
      "response_done",
      "message_output_created:",
    ]);
    expect((await next().run(app(), "Go.", options())).finalOutput).toBe(stream.finalOutput);
    expect(effects).toHaveLength(3);
  });
});

async function untilItFails(stream: AsyncIterable<unknown>): Promise<unknown> {
  const events: string[] = [];
  try {
    for await (const event of stream) events.push(plainEvent(event as never));
    return "ended";
  } catch (error) {
    return [events, (error as Error).name];
  }
}

test("stops and goes on as the SDK does, decided by handle, with the events that are new", async () => {
  const expected = await runBare(streamedApprovals, async () => {});
  const turns: unknown[] = [];
  const turn = async () => {
    const { app, input, options } = streamedApprovals.build(effect);
    const stream = next().stream(app, input, { ...options, durable });
    const events = await eventsOf(stream);
    await stream.completed;
    turns.push({ events, ...plain(stream as never) });
  };
  await turn();
  for (const [q, verdict] of [
    ["logs", "approve"],
    ["home", "reject"],
    ["cache", "approve"],
  ] as const) {
    const { handle, wait } = await waitFor(q);
    await handle[verdict](wait, verdict === "reject" ? { note: WHY_REJECTED } : {});
  }
  await turn();
  const { handle, wait } = await waitFor("old");
  await handle.approve(wait);
  await turn();
  expect(turns).toEqual(expected);
});

test("stops and goes on in the SDK's own way: with the state that was approved", async () => {
  const expected = await runBare(streamedApprovals, async () => {});
  const { app, input, options } = streamedApprovals.build(effect);
  const runtime = next();
  const turns: unknown[] = [];
  const turn = async (from: Parameters<typeof runtime.stream<typeof app>>[1]) => {
    const stream = runtime.stream(app, from, { ...options, durable });
    const events = await eventsOf(stream);
    await stream.completed;
    turns.push({ events, ...plain(stream as never) });
    return stream;
  };
  let stream = await turn(input);
  for (const decisions of streamedApprovals.answers ?? []) {
    for (const item of stream.interruptions) {
      const id = "callId" in item.rawItem ? item.rawItem.callId : "";
      if (decisions[id] === "approve") stream.state.approve(item);
      else stream.state.reject(item, { message: WHY_REJECTED });
    }
    stream = await turn(stream.state);
  }
  expect(turns).toEqual(expected);
});

test("a call that its process died in is made again, and whoever looks on is told to start over", async () => {
  /** Dies in the middle of its first answer, if it is to. */
  class Mortal extends FakeModel {
    readonly #end: () => Promise<void>;

    constructor(end: () => Promise<void>) {
      super(effect, "clerk", () => "one two");
      this.#end = end;
    }

    override async *getStreamedResponse(request: ModelRequest) {
      for await (const event of super.getStreamedResponse(request)) {
        yield event;
        if (event.type === "output_text_delta") await this.#end();
      }
    }
  }
  const agent = (end: () => Promise<void>) => new Agent({ name: "Clerk", model: new Mortal(end) });
  const { body, reached } = deadly();
  const dying = next().stream(agent(body), "Go.", { durable });
  dying.completed.catch(() => {});
  await reached;
  const isStarted = async () => (await next().handle("r").steps()).length === 1;
  await expect.poll(isStarted).toBe(true);
  die();
  const runtime = next();
  const stream = runtime.stream(
    agent(async () => {}),
    "Go.",
    { durable },
  );
  const told: unknown[] = [];
  for await (const { type, value } of runtime.handle("r").events()) {
    if (type === "reset") told.push("reset");
    if (type === "delta") told.push((value as { readonly delta?: string }).delta);
  }
  expect(told).toEqual(["reset", undefined, "one ", "two", undefined]);
  expect(await eventsOf(stream)).toEqual([
    "response_started",
    '"one "',
    '"two"',
    "response_done",
    expect.stringContaining("message_output_created"),
  ]);
  expect(stream.finalOutput).toBe("one two");
});

describe("a streamed run that is aborted by who asked for it", () => {
  type Start = (app: Agent<Notes>, options: object) => Streaming | Promise<Streaming>;
  interface Streaming extends AsyncIterable<unknown> {
    readonly completed: Promise<void>;
    readonly cancelled: boolean;
    readonly error: unknown;
  }
  const calls = ["look", "stop"].map((name) => ({ name, args: { q: "x" }, id: name }));
  /** Calls two tools, and may be aborted in the second one or while the model speaks. */
  const app = (abort?: AbortController, when?: "tool" | "model") =>
    new Agent<Notes>({
      name: "Clerk",
      model: new Speaker(effect, "clerk", (request) => {
        if (results(request).size === 0) return calls;
        if (when === "model") abort?.abort();
        return "one two three";
      }),
      tools: [
        fakeTool(effect, "look"),
        fakeTool(async (name) => {
          await effect(name);
          if (when === "tool") abort?.abort();
        }, "stop"),
      ],
    });
  /** How it ends for who aborts it. */
  const seen = async (start: Start, when: "tool" | "model" | "before") => {
    const abort = new AbortController();
    if (when === "before") abort.abort();
    const agent = when === "before" ? app() : app(abort, when);
    const stream = await start(agent, { context: { notes: {} }, signal: abort.signal });
    const last = await eventsOf(stream).catch((error: unknown) => [`thrown: ${error}`]);
    const completed = await stream.completed.then(
      () => "completed",
      (error: unknown) => `rejected: ${error}`,
    );
    const { cancelled, error } = stream;
    return {
      thrown: last.filter((event) => event.startsWith("thrown")),
      completed,
      cancelled,
      error,
    };
  };

  test.each(["before", "tool", "model"] as const)(
    "ends for them as in the SDK, has failed, and goes on after retry(): %s",
    async (when) => {
      const bare = await seen((agent, own) => run(agent, "Go.", { ...own, stream: true }), when);
      effects.length = 0;
      const live = await seen(
        (agent, own) => next().stream(agent, "Go.", { ...own, durable }),
        when,
      );
      expect(live).toEqual(bare);
      expect(bare).toMatchObject({ completed: "completed", cancelled: true });
      const handle = next().handle("r");
      expect(await handle.status()).toMatchObject({ status: "failed" });
      await handle.retry();
      const { finalOutput } = await next().run(app(), "Go.", { context: { notes: {} }, durable });
      expect(finalOutput).toBe("one two three");
      expect(effects.filter((name) => name === "tool: look x")).toHaveLength(1);
    },
  );
});

/** Lets others go on between its pieces. */
class Speaker extends FakeModel {
  override async *getStreamedResponse(request: ModelRequest): AsyncIterable<StreamEvent> {
    for await (const piece of super.getStreamedResponse(request)) {
      yield piece;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
