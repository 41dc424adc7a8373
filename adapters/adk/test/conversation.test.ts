// Sessions: what a conversation keeps over its turns, over processes, and over crashes in the middle of one.
import {
  type BaseAgent,
  BaseSessionService,
  type CompositeSessionKey,
  createEvent,
  type Event,
  InMemoryRunner,
  InMemorySessionService,
  Runner,
} from "@google/adk";
import { type CodecExtension, Runtime } from "@holdfast/core";
import { memoryDatabase, newId, openMemoryStore } from "@holdfast/core/store";
import { afterEach, expect, test } from "vitest";
import { type CrashDatabase, inMemory, mortalStore } from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { chatAgent } from "./chat.ts";
import { plainEvent } from "./scenarios/plain.ts";

const { url, pool } = testDatabase();
const runtimes: Runtime[] = [];
afterEach(() => Promise.all(runtimes.splice(0).map((runtime) => runtime.close())));

const quiet = async () => {};
const SESSION = { userId: "ann", sessionId: "s" };
const KEY = { appName: "chat", ...SESSION };
const SAID = ["hello", "look around", "look again", "well"];

function runtimeOn(database = memoryDatabase()): Runtime {
  const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0 });
  runtimes.push(runtime);
  return runtime;
}

/** The same conversation with ADK alone, in one process: events and state after each turn. */
async function bareTurns(said: readonly string[]) {
  const runner = new InMemoryRunner({ agent: chatAgent(quiet), appName: "chat" });
  await runner.sessionService.createSession(KEY);
  const turns: { readonly events: readonly string[]; readonly state: object }[] = [];
  for (const text of said) {
    const events: string[] = [];
    const newMessage = { role: "user", parts: [{ text }] };
    for await (const event of runner.runAsync({ ...SESSION, newMessage }))
      events.push(plainEvent(event));
    const session = await runner.sessionService.getSession(KEY);
    turns.push({ events, state: session?.state ?? {} });
  }
  return { turns, runner };
}

async function turn(runtime: Runtime, app: BaseAgent | Runner, text: string, runId?: string) {
  const durable = runId === undefined ? {} : { durable: { runId } };
  const { events, state } = await runtime.run(app, text, { ...SESSION, ...durable });
  return { events: events.map(plainEvent), state };
}

test("a conversation goes on in another process as with ADK alone in one, state and all", async () => {
  const { turns } = await bareTurns(SAID);
  const database = memoryDatabase();
  for (const [nth, text] of SAID.entries()) {
    expect(await turn(runtimeOn(database), chatAgent(quiet), text)).toEqual(turns[nth]);
  }
  expect(turns.at(-1)?.state).toMatchObject({ turns: 4, "user:turns": 4, "app:turns": 4 });
  expect(Object.keys(turns.at(-1)?.state ?? {})).not.toContain("temp:turns");
});

test("sessions of other names, and runs without one, know nothing of each other", async () => {
  const runtime = runtimeOn();
  await turn(runtime, chatAgent(quiet), "hello");
  const other = await runtime.run(chatAgent(quiet), "hello", { ...SESSION, sessionId: "other" });
  const none = await runtime.run(chatAgent(quiet), "hello");
  expect([other.output, none.output]).toEqual(["1 said, 0 seen", "1 said, 0 seen"]);
});

test("a crash at any write of a turn leaves the conversation as if there had been none", async () => {
  const { turns } = await bareTurns(SAID);
  let isThrough = false;
  for (let write = 1; !isThrough; write += 1) {
    const database = inMemory();
    const before = await runtimeIn(database);
    await turn(before, chatAgent(quiet), SAID[0]!);
    await before.close();
    isThrough = await dieIn(database, write);
    const after = await runtimeIn(database);
    expect(await turn(after, chatAgent(quiet), SAID[1]!, "second")).toEqual(turns[1]);
    expect(await turn(after, chatAgent(quiet), SAID[2]!)).toEqual(turns[2]);
    await after.close();
  }
});

async function runtimeIn(database: CrashDatabase): Promise<Runtime> {
  return new Runtime({ store: await database.open(), hotPeriod: 0 });
}

/** Takes the second turn in a process that dies after a write; whether it came to its end before. */
async function dieIn(database: CrashDatabase, write: number): Promise<boolean> {
  const real = await database.open();
  const store = mortalStore(real, { dieAt: { write, when: "after" } });
  const runtime = new Runtime({ store, hotPeriod: 0 });
  const done = turn(runtime, chatAgent(quiet), SAID[1]!, "second").then(() => true);
  const isDone = await Promise.race([done, store.life.died.then(() => false)]);
  if (isDone) await runtime.close();
  else {
    await store.life.settled();
    await real.close();
    for (const worker of store.entered) await database.expire(worker);
  }
  return isDone;
}

test("a Runner with sessions in memory has them there too, and finds them after a restart", async () => {
  const { turns } = await bareTurns(SAID);
  const database = memoryDatabase();
  const start = () => new InMemoryRunner({ agent: chatAgent(quiet), appName: "chat" });
  const runner = start();
  await runner.sessionService.createSession({ ...KEY, state: { given: true } });
  const first = await turn(runtimeOn(database), runner, SAID[0]!);
  expect(first.state).toEqual({ ...turns[0]!.state, given: true });
  const second = await turn(runtimeOn(database), runner, SAID[1]!);
  expect(second.events).toEqual(turns[1]!.events);
  const session = await runner.sessionService.getSession(KEY);
  expect(session?.state).toEqual(second.state);
  expect(session?.events.map(plainEvent).filter((event) => !event.startsWith("user:"))).toEqual([
    ...first.events,
    ...second.events,
  ]);

  const restarted = start();
  const third = await turn(runtimeOn(database), restarted, SAID[2]!);
  expect(third.events).toEqual(turns[2]!.events);
  expect(third.state).toEqual({ ...turns[2]!.state, given: true });
  expect((await restarted.sessionService.getSession(KEY))?.events).toHaveLength(
    session!.events.length + third.events.length + 1,
  );
});

test("what the user does to a session in memory between two turns is there in the next", async () => {
  const runtime = runtimeOn();
  const runner = new InMemoryRunner({ agent: chatAgent(quiet), appName: "chat" });
  await turn(runtime, runner, "hello");
  const session = await runner.sessionService.getSession(KEY);
  const message = { role: "user", parts: [{ text: "by the way" }] };
  const event = createEvent({ author: "user", invocationId: "e-own", content: message });
  await runner.sessionService.appendEvent({ session: session!, event });
  const { events } = await turn(runtime, runner, "well");
  expect(events.at(-1)).toBe('chat: "4 said, 0 seen"');
});

test("a session that its owner deletes in memory begins anew, and stays so after a restart", async () => {
  const { turns } = await bareTurns(SAID);
  const database = memoryDatabase();
  const start = () => new InMemoryRunner({ agent: chatAgent(quiet), appName: "chat" });
  const runner = start();
  await runner.sessionService.createSession(KEY);
  const say = async (said: string) => (await turn(runtimeOn(database), runner, said)).events;
  expect(await say(SAID[0]!)).toEqual(turns[0]!.events);
  expect(await say(SAID[1]!)).toEqual(turns[1]!.events);

  await runner.sessionService.deleteSession(KEY);
  await runner.sessionService.createSession(KEY);
  expect(await say(SAID[0]!)).toEqual(turns[0]!.events);
  const second = await turn(runtimeOn(database), start(), SAID[1]!);
  expect(second.events).toEqual(turns[1]!.events);
  // What another process has said since is no reason to begin anew.
  expect(await say(SAID[2]!)).toEqual(turns[2]!.events);

  await runner.sessionService.deleteSession(KEY);
  expect(await say(SAID[0]!)).toEqual(turns[0]!.events);
});

/** A service that outlives processes, and counts what it is told. */
class LastingSessions extends BaseSessionService {
  readonly #kept = new InMemorySessionService();
  readonly appended: string[] = [];
  override createSession(request: Parameters<BaseSessionService["createSession"]>[0]) {
    return this.#kept.createSession(request);
  }
  override getSession(request: CompositeSessionKey) {
    return this.#kept.getSession(request);
  }
  override listSessions(request: Parameters<BaseSessionService["listSessions"]>[0]) {
    return this.#kept.listSessions(request);
  }
  override deleteSession(request: CompositeSessionKey) {
    return this.#kept.deleteSession(request);
  }
  override appendEvent(request: Parameters<BaseSessionService["appendEvent"]>[0]): Promise<Event> {
    if (!request.event.partial) this.appended.push(request.event.id);
    return this.#kept.appendEvent(request);
  }
}

test("a session service of the user's is the one that is used: each event once, over a crash anywhere", async () => {
  const { turns } = await bareTurns(SAID.slice(1, 3));
  let isThrough = false;
  for (let write = 1; !isThrough; write += 1) {
    const sessionService = new LastingSessions();
    await sessionService.createSession(KEY);
    const app = () => new Runner({ agent: chatAgent(quiet), appName: "chat", sessionService });
    const database = inMemory();
    const real = await database.open();
    const store = mortalStore(real, { dieAt: { write, when: "after" } });
    const runtime = new Runtime({ store, hotPeriod: 0 });
    const done = turn(runtime, app(), SAID[1]!, "r").then(() => true);
    isThrough = await Promise.race([done, store.life.died.then(() => false)]);
    if (isThrough) await runtime.close();
    else {
      await store.life.settled();
      await real.close();
      for (const worker of store.entered) await database.expire(worker);
    }
    const after = await runtimeIn(database);
    const { events, state } = await turn(after, app(), SAID[1]!, "r");
    expect(new Set(sessionService.appended).size).toBe(events.length + 1);
    expect(sessionService.appended).toHaveLength(events.length + 1);
    const session = await sessionService.getSession(KEY);
    expect(session?.events).toHaveLength(events.length + 1);
    expect(session?.state).toEqual(state);
    expect(await turn(after, app(), SAID[2]!)).toEqual(turns[1]);
    await after.close();
  }
});

test("what was said in a turn that failed, or was cancelled, stays said", async () => {
  const database = memoryDatabase();
  const fails = chatAgent(async () => Promise.reject(new Error("The model is down.")));
  await expect(turn(runtimeOn(database), fails, "hello")).rejects.toThrow("down");
  const { promise: isAsked, resolve } = Promise.withResolvers<void>();
  const hangs = chatAgent(async () => {
    resolve();
    await new Promise(() => {});
  });
  const runtime = runtimeOn(database);
  const hanging = turn(runtime, hangs, "anybody?", "r");
  const cancelled = expect(hanging).rejects.toMatchObject({ code: "RUN_CANCELLED" });
  await isAsked;
  await runtime.handle("r").cancel();
  await cancelled;
  const { output } = await runtimeOn(database).run(chatAgent(quiet), "well", SESSION);
  expect(output).toBe("3 said, 0 seen");
});

test("a turn that failed is tried again in its place, but not once there were others after it", async () => {
  const database = memoryDatabase();
  const fails = chatAgent(async () => Promise.reject(new Error("The model is down.")));
  const runtime = runtimeOn(database);
  await turn(runtime, chatAgent(quiet), "hello");
  await expect(turn(runtime, fails, "well", "r")).rejects.toThrow("down");
  await runtime.handle("r").retry();
  const { events } = await turn(runtimeOn(database), chatAgent(quiet), "well", "r");
  expect(events).toEqual((await bareTurns(["hello", "well"])).turns[1]!.events);

  await expect(turn(runtime, fails, "look", "r2")).rejects.toThrow("down");
  await turn(runtime, chatAgent(quiet), "hello");
  await runtime.handle("r2").retry();
  const tried = turn(runtime, chatAgent(quiet), "look", "r2");
  await expect(tried).rejects.toMatchObject({ code: "RUN_DIVERGED" });
});

test("a subclass of Runner runs with what it does itself", async () => {
  const seen: string[] = [];
  class Telling extends InMemoryRunner {
    readonly #seen = seen;
    override async *runAsync(parameters: Parameters<Runner["runAsync"]>[0]) {
      for await (const event of super.runAsync(parameters)) {
        this.#seen.push(event.author ?? "");
        yield event;
      }
    }
  }
  const runner = new Telling({ agent: chatAgent(quiet), appName: "chat" });
  await turn(runtimeOn(), runner, "look");
  expect(seen).toEqual(["chat", "chat", "chat", "chat"]);
});

test("a turn of a long conversation costs as much as an early one, and each event is stored once", async () => {
  const runtime = new Runtime({ database: url });
  const sizes = new Map<number, number>();
  for (let nth = 1; nth <= 80; nth += 1) {
    await turn(runtime, chatAgent(quiet), `${nth}: ${Array.from({ length: 25 }, newId).join(" ")}`);
    if (nth % 20 === 0) sizes.set(nth, await bytes());
  }
  await runtime.close();
  const early = sizes.get(40)! - sizes.get(20)!;
  const late = sizes.get(80)! - sizes.get(60)!;
  expect(late / early).toBeLessThan(1.3);
  console.log(
    `bytes a turn of ~950: ${Math.round(early / 20)} early, ${Math.round(late / 20)} late`,
  );
  expect(late / 20).toBeLessThan(12_000);
}, 120_000);

/** Of all rows, with their headers, without indexes. */
async function bytes(): Promise<number> {
  const tables = ["items", "lists", "sessions", "steps", "runs"];
  const sizes = tables.map(
    (table) => `(select coalesce(sum(pg_column_size(x.*) + 28), 0) from holdfast.${table} x)`,
  );
  const { rows } = await pool.query(`select (${sizes.join(" + ")})::int as bytes`);
  return rows[0].bytes as number;
}

class Money {
  readonly cents: number;

  constructor(cents: number) {
    this.cents = cents;
  }
}

const money: CodecExtension<Money> = {
  tag: "test/money",
  is: (value): value is Money => value instanceof Money,
  encode: ({ cents }) => cents,
  decode: (cents) => new Money(cents as number),
};

test("a session that cannot be read here stops the turn, which goes on where it can be", async () => {
  const database = memoryDatabase();
  const runtimeWith = (codec: readonly CodecExtension<Money>[]) => {
    const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0, codec });
    runtimes.push(runtime);
    return runtime;
  };
  const say = (runtime: Runtime, runId: string) =>
    runtime.run(chatAgent(quiet), "hello", {
      ...SESSION,
      durable: { runId },
      ...(runId === "first" ? { stateDelta: { balance: new Money(42) } } : {}),
    });
  await say(runtimeWith([money]), "first");
  const ignorant = runtimeWith([]);
  await expect(say(ignorant, "second")).rejects.toMatchObject({ code: "VALUE_NOT_DECODABLE" });
  expect(await ignorant.handle("second").status()).toMatchObject({ status: "waiting" });
  const { state } = await say(runtimeWith([money]), "second");
  expect(state).toMatchObject({ balance: new Money(42) });
});
