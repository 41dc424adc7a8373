// Conversations of a framework: their runs share what they keep, and take turns; answers come as inputs.
import { describe, expect, it } from "vitest";
import { type Adapter, ask, askOrLeave } from "../../src/adapter/index.ts";
import { step } from "../../src/index.ts";
import { deadly, processes } from "./processes.ts";

const { start } = processes();

type Chat = (input: string, run: Parameters<Adapter["execute"]>[0]["run"]) => Promise<unknown>;

interface ChatApp {
  readonly chat: Chat;
}

/** A framework with threads, questions and streams: it says back what it keeps of its thread. */
const chats: Adapter = {
  name: "chats",
  supported: "*",
  recognises: (app) => typeof app === "object" && app !== null && "chat" in app,
  nameOf: () => "chat",
  install: () => {},
  threadOf: (_, options) => (options as { readonly thread?: string } | undefined)?.thread,
  answersIn: (input) =>
    typeof input === "object" && input !== null && "answer" in input
      ? (open) => open.slice(0, 1).map(({ wait }) => ({ wait, value: input.answer }))
      : undefined,
  execute: async ({ app, input, run }) => {
    const output = await (app as ChatApp).chat(input as string, run);
    return output === LEFT ? { is: "left", output: "asked" } : { is: "ended", output };
  },
  async stream({ emit, ...call }) {
    emit("begins");
    const end = await chats.execute(call);
    emit("ends");
    return end;
  },
};

const LEFT = Symbol("left");

const remembers: Chat = async (input, run) => {
  const kept = await run.readSlot("said");
  const items = [...(kept?.items ?? []), input];
  await run.writeSlot("said", { items });
  return items;
};

const asks: Chat = async (input, run) => {
  const answer = await askOrLeave(run, { kind: "input", name: "sure?", asked: input });
  return answer === undefined ? LEFT : `${input}: ${String(answer.value)}`;
};

const adapters = [chats];
const inThread = (thread: string, durable = {}) => ({ thread, durable }) as never;
/** For the types, a function. */
const app = (chat: Chat): ((input: string) => Promise<unknown>) => ({ chat }) as never;
const say = (input: unknown) => input as never;

describe("runs of one thread", () => {
  it("are not let go on beside another that is not over", async () => {
    const runtime = start({ adapters });
    let isDown = true;
    const chat = app(async (input, run) => {
      if (input === "first" && isDown) throw new Error("down");
      return input === "second" ? asks(input, run) : input;
    });
    const first = runtime.run(chat, "first", inThread("t", { runId: "one" }));
    await expect(first).rejects.toThrow("down");
    isDown = false;
    await runtime.run(chat, "second", inThread("t", { runId: "two" }));
    const failed = runtime.handle("one");
    await expect(failed.retry()).rejects.toMatchObject({ code: "THREAD_BUSY" });
    expect(await failed.status()).toMatchObject({ status: "failed" });
    await runtime.handle("two").cancel();
    await failed.retry();
    expect(await runtime.run(chat, "first", inThread("t", { runId: "one" }))).toBe("first");
  });

  it("share what they keep, and nobody else does", async () => {
    const runtime = start({ adapters });
    await runtime.run(app(remembers), say("a"), inThread("t"));
    await runtime.run(app(remembers), say("b"), inThread("other"));
    expect(await start({ adapters }).run(app(remembers), say("c"), inThread("t"))).toEqual([
      "a",
      "c",
    ]);
    expect(await runtime.run(app(remembers), say("d"))).toEqual(["d"]);
  });

  it("take turns: one that comes too early is refused, or waits where that is asked for", async () => {
    const runtime = start({ adapters });
    expect(await runtime.run(app(asks), say("go"), inThread("t"))).toBe("asked");
    const refused = runtime.run(app(remembers), say("b"), inThread("t"));
    await expect(refused).rejects.toMatchObject({ code: "THREAD_BUSY" });
    const queued = runtime.run(app(remembers), say("c"), inThread("t", { onBusy: "queue" }));
    const [{ id } = { id: "" }] = await runtime.runs.list();
    await start({ adapters }).handle(id).cancel("not wanted");
    expect(await queued).toEqual(["c"]);
  });

  it("are told when their runtime closes before it is their turn", async () => {
    const runtime = start({ adapters });
    expect(await runtime.run(app(asks), say("go"), inThread("t"))).toBe("asked");
    const queued = runtime.run(app(remembers), say("c"), inThread("t", { onBusy: "queue" }));
    const told = expect(queued).rejects.toMatchObject({ code: "RUNTIME_CLOSED" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await runtime.close();
    await told;
  });

  it("of many at once, one is made", async () => {
    const { reached, body } = deadly();
    const stuck: Chat = () => step("never", body);
    const all = Array.from({ length: 8 }, () => start({ adapters }));
    const tried = all.map((runtime) => runtime.run(app(stuck), say("x"), inThread("t")));
    const refused = tried.map((running) => running.catch((error) => error.code));
    await reached;
    const codes = await Promise.all(
      refused.map((code) => Promise.race([code, new Promise((r) => setTimeout(r, 300, "runs"))])),
    );
    expect(codes.filter((code) => code === "runs")).toHaveLength(1);
    expect(codes.filter((code) => code === "THREAD_BUSY")).toHaveLength(7);
  });

  it("go by the names they are given, from everywhere", async () => {
    const runtime = start({ adapters });
    const named = inThread("t", { runId: "turn 1" });
    expect(await runtime.run(app(remembers), say("a"), named)).toEqual(["a"]);
    expect(await start({ adapters }).run(app(remembers), say("a"), named)).toEqual(["a"]);
    const handle = start({ adapters }).handle("turn 1");
    expect(await handle.result()).toEqual(["a"]);
    expect((await handle.events().next()).value).toMatchObject({ type: "input", value: "a" });
    expect(await handle.steps()).toEqual([]);
    expect(await runtime.runs.list()).toHaveLength(1);
  });
});

describe("an answer given as an input", () => {
  it("goes to the run of its thread that asked, in another process", async () => {
    expect(await start({ adapters }).run(app(asks), say("go"), inThread("t"))).toBe("asked");
    const answer = say({ answer: "yes" });
    expect(await start({ adapters }).run(app(asks), answer, inThread("t"))).toBe("go: yes");
  });

  it("goes to the run of its name", async () => {
    const options = { durable: { runId: "r" } } as never;
    expect(await start({ adapters }).run(app(asks), say("go"), options)).toBe("asked");
    expect(await start({ adapters }).run(app(asks), say({ answer: 1 }), options)).toBe("go: 1");
  });

  it("given once more gets what came of it, and another one is refused", async () => {
    const options = { durable: { runId: "r" } } as never;
    const answer = (value: number) =>
      start({ adapters }).run(app(asks), say({ answer: value }), options);
    expect(await start({ adapters }).run(app(asks), say("go"), options)).toBe("asked");
    expect(await answer(1)).toBe("go: 1");
    expect(await answer(1)).toBe("go: 1");
    await expect(answer(2)).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
  });

  it("is refused where nobody asks", async () => {
    const runtime = start({ adapters });
    const answered = (options?: never) => runtime.run(app(asks), say({ answer: 1 }), options);
    await expect(answered()).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
    await expect(answered(inThread("t"))).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
    await runtime.run(app(remembers), say("a"), inThread("t"));
    await expect(answered(inThread("t"))).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
  });
});

describe("a run that is answered goes on", () => {
  const told: Adapter = {
    ...chats,
    execute: async (call) => {
      const end = await chats.execute(call);
      return end.is === "left" ? end : { is: "ended", output: call.options };
    },
  };
  const first = { thread: "t", limit: 3, context: { user: "ana", db: () => "first" } } as never;
  const other = { thread: "t", limit: 4, context: { db: () => "other" } } as never;

  it.each([
    { keepsOptions: true, options: { thread: "t", limit: 3, context: { user: "ana" } } },
    { keepsOptions: false, options: { thread: "t", limit: 4, context: {} } },
  ])("with its options, where its framework keeps them: %j", async ({ keepsOptions, options }) => {
    const adapters = [{ ...told, keepsOptions }];
    expect(await start({ adapters }).run(app(asks), say("go"), first)).toBe("asked");
    const runtime = start({ adapters });
    const found = await runtime.run(app(asks), say({ answer: 5 }), other);
    expect(found).toMatchObject(options);
    // What could not be stored is that of the call that answers.
    const { context } = found as { readonly context: { readonly db: () => string } };
    expect(context.db()).toBe("other");
  });

  it("under the policies it was begun with, beside those of the call that answers", async () => {
    const guarded: Chat = async (input, run) =>
      (await asks(input, run)) === LEFT ? LEFT : run.policies.tools;
    const under = (tool: string) =>
      inThread("t", { policies: { tools: { [tool]: { retries: 1 } } } });
    expect(await start({ adapters }).run(app(guarded), say("go"), under("a"))).toBe("asked");
    const answering = start({ adapters }).run(app(guarded), say({ answer: 5 }), under("b"));
    expect(await answering).toEqual({ a: { retries: 1 }, b: { retries: 1 } });
  });
});

describe("a framework that returns when it asks, of a program that waits in place", () => {
  const sure: Chat = async (input, run) => {
    run.pauseWith(() => `asked: ${input}`);
    const answer = await ask(run, { kind: "approval", name: "sure?", asked: input });
    return `${input}: ${String((answer.value as { readonly approved: boolean }).approved)}`;
  };
  const decides: Adapter = {
    ...chats,
    answersApprovals: true,
    answersIn: (input) =>
      input === "yes"
        ? ([open]) => open && [{ wait: open.wait, value: { approved: true } }]
        : undefined,
  };
  const adapters = [decides];

  it("gives what it gives, long before it would leave memory, and goes on when it is answered", async () => {
    const hot = { adapters, hotPeriod: 60_000 };
    expect(await start(hot).run(app(sure), say("go"), inThread("t"))).toBe("asked: go");
    expect(await start(hot).run(app(sure), say("yes"), inThread("t"))).toBe("go: true");
  });

  it("goes on where a worker of the same runtime has it in memory, if it is answered there", async () => {
    const runtime = start({ adapters, hotPeriod: 60_000 });
    let executions = 0;
    const counted = app((input, run) => {
      executions += 1;
      return sure(input, run);
    });
    await runtime.serve({ chat: counted });
    const handle = await runtime.start(counted, say("go"), inThread("t"));
    await expect.poll(() => handle.waits()).toHaveLength(1);
    expect(await runtime.run(counted, say("yes"), inThread("t"))).toBe("go: true");
    expect(executions).toBe(1);
  });

  it("waits for the answer if the end is asked for", async () => {
    const runtime = start({ adapters });
    const options = inThread("t", { until: "end", runId: "r" });
    const running = runtime.run(app(sure), say("go"), options);
    const handle = start({ adapters }).handle("r");
    await expect.poll(() => handle.waits().catch(() => [])).toHaveLength(1);
    await handle.approve();
    expect(await running).toBe("go: true");
  });

  it("takes for an input of a new run what answers nothing after all", async () => {
    const runtime = start({ adapters });
    expect(await runtime.run(app(sure), say("yes"), inThread("t"))).toBe("asked: yes");
  });
});

describe("a stream", () => {
  const collect = async (stream: AsyncIterable<unknown>) => {
    const pieces: unknown[] = [];
    for await (const piece of stream) pieces.push(piece);
    return pieces;
  };

  it("gives the pieces of the app, and nothing of a run that is over", async () => {
    const options = { durable: { runId: "r" } } as never;
    const stream = () => start({ adapters }).stream(app(remembers), say("a"), options);
    expect(await collect(stream())).toEqual(["begins", "ends"]);
    expect(await collect(stream())).toEqual([]);
  });

  it("fails with what the run fails with, after the pieces before it", async () => {
    const fails: Chat = () => Promise.reject(new Error("no"));
    const pieces: unknown[] = [];
    const reading = (async () => {
      const stream = start({ adapters }).stream(app(fails), say("a"));
      for await (const piece of stream) pieces.push(piece);
    })();
    await expect(reading).rejects.toThrow("no");
    expect(pieces).toEqual(["begins"]);
  });

  it("that nobody reads to its end does not end the run", async () => {
    const runtime = start({ adapters });
    for await (const piece of runtime.stream(app(remembers), say("a"), inThread("t"))) {
      expect(piece).toBe("begins");
      break;
    }
    const next = inThread("t", { onBusy: "queue" });
    expect(await runtime.run(app(remembers), say("b"), next)).toEqual(["a", "b"]);
  });

  it("is refused of a plain function", () => {
    const app = async (n: number) => n;
    expect(() => start().stream(app, 1)).toThrow(
      expect.objectContaining({ code: "APP_NOT_STREAMED" }),
    );
  });
});
