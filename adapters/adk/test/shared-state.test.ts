// State that belongs to an app and to a user: what one session sets is seen by the next turn of another, as with ADK alone.
import { InMemoryRunner } from "@google/adk";
import { Runtime } from "@holdfast/core";
import { idOfKey, memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach, describe, expect, test } from "vitest";
import {
  type CrashDatabase,
  everyPoint,
  inMemory,
  mortalStore,
} from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { clerk, type Said, sharedState, turn } from "./clerk.ts";
import { plainEvent } from "./scenarios/plain.ts";

const { url, pool } = testDatabase();
const runtimes: Runtime[] = [];
afterEach(() => Promise.all(runtimes.splice(0).map((runtime) => runtime.close())));

function runtimeOn(database = memoryDatabase()): Runtime {
  const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0 });
  runtimes.push(runtime);
  return runtime;
}

/** The state that a turn of the user sees, in a session of its own. */
async function seen(runtime: Runtime, userId: string, sessionId: string) {
  return (await turn(runtime, clerk(), [userId, sessionId, "look"])).state;
}

async function bareTurn(runner: InMemoryRunner, [userId, sessionId, text]: Said) {
  const key = { appName: "clerk", userId, sessionId };
  await runner.sessionService.getOrCreateSession(key);
  const events: string[] = [];
  const newMessage = { role: "user", parts: [{ text }] };
  for await (const event of runner.runAsync({ userId, sessionId, newMessage })) {
    events.push(plainEvent(event));
  }
  const session = await runner.sessionService.getSession(key);
  return { events, state: session!.state };
}

const SAID: readonly Said[] = [
  ["ann", "1", "note user:tea green"],
  ["ann", "1", "note app:motto slow"],
  ["ann", "2", "look"],
  ["bob", "1", "look"],
  ["bob", "1", "note user:tea black"],
  ["ann", "2", "note own this"],
  ["bob", "1", "note app:motto steady"],
  ["ann", "2", "note user:tea white"],
  ["ann", "1", "look"],
  ["bob", "2", "look"],
];

const places = {
  "in memory": () => {
    const database = memoryDatabase();
    return () => runtimeOn(database);
  },
  "on Postgres": () => () => {
    const runtime = new Runtime({ database: url, namespace: "script", hotPeriod: 0 });
    runtimes.push(runtime);
    return runtime;
  },
};

describe.each(Object.entries(places))("%s", (_, place) => {
  test("sessions of a user and of an app share what they share with ADK alone, whatever process a turn is in", async () => {
    const bare = new InMemoryRunner({ agent: clerk(), appName: "clerk" });
    const open = place();
    for (const said of SAID) {
      expect(await turn(open(), clerk(), said)).toEqual(await bareTurn(bare, said));
    }
    expect(await seen(open(), "ann", "3")).toEqual({ "user:tea": "white", "app:motto": "steady" });
    expect(await seen(open(), "eve", "1")).toEqual({ "app:motto": "steady" });
  });
});

test("another app of the same user, and another namespace, know nothing of it", async () => {
  const database = memoryDatabase();
  await turn(runtimeOn(database), clerk(), ["ann", "1", "note user:tea green"]);
  const other = new InMemoryRunner({ agent: clerk(), appName: "other" });
  const { state } = await turn(runtimeOn(database), other, ["ann", "2", "look"]);
  expect(state).toEqual({});
  const store = openMemoryStore(database);
  const elsewhere = new Runtime({ store, namespace: "elsewhere", hotPeriod: 0 });
  runtimes.push(elsewhere);
  expect(await seen(elsewhere, "ann", "1")).toEqual({});
});

test("what is given as the state delta of a turn is shared, and a turn without a session sees it", async () => {
  const runtime = runtimeOn();
  const stateDelta = { "user:tea": "green", "app:motto": undefined, own: 1 };
  await runtime.run(clerk(), "look", { userId: "ann", sessionId: "1", stateDelta });
  const { state } = await runtime.run(clerk(), "look", { userId: "ann" });
  expect(state).toEqual({ "user:tea": "green", "app:motto": undefined });
});

test("is killed at every write and every effect, and nobody can tell", async () => {
  const report = await everyPoint(sharedState, { database: inMemory, atOnce: 24 });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test("what a run set before it was killed does not undo what was set since, and it sees what it saw", async () => {
  const outcomes = new Map<string, number>();
  let isThrough = false;
  for (let write = 1; !isThrough; write += 1) {
    const database = inMemory();
    const before = await runtimeIn(database);
    await turn(before, clerk(), ["ann", "1", "note user:old x"]);
    await before.close();
    const killed: Said = ["ann", "1", "note user:tea green"];
    isThrough = await dieIn(database, write, killed);
    const wasSet = (await changesOf(database)).includes("green");
    const after = await runtimeIn(database);
    await turn(after, clerk(), ["ann", "2", "note user:tea black"]);
    await turn(after, clerk(), killed, "killed");
    const expected = wasSet ? ["x", "green", "black"] : ["x", "black", "green"];
    expect(await changesOf(database)).toEqual(expected);
    expect(await seen(after, "ann", "3")).toEqual({ "user:old": "x", "user:tea": expected[2] });
    // A request that is not the recorded one is told of.
    const events = await after.handle("killed").steps();
    expect(events.filter(({ drift }) => drift)).toEqual([]);
    outcomes.set(String(wasSet), (outcomes.get(String(wasSet)) ?? 0) + 1);
    await after.close();
  }
  expect(outcomes.get("true")).toBeGreaterThan(1);
  expect(outcomes.get("false")).toBeGreaterThan(1);
});

async function runtimeIn(database: CrashDatabase): Promise<Runtime> {
  return new Runtime({ store: await database.open(), hotPeriod: 0 });
}

/** Takes a turn in a process that dies after a write; whether it came to its end before. */
async function dieIn(database: CrashDatabase, write: number, said: Said): Promise<boolean> {
  const real = await database.open();
  const store = mortalStore(real, { dieAt: { write, when: "after" } });
  const runtime = new Runtime({ store, hotPeriod: 0 });
  const done = turn(runtime, clerk(), said, "killed").then(() => true);
  const isDone = await Promise.race([done, store.life.died.then(() => false)]);
  if (isDone) await runtime.close();
  else {
    await store.life.settled();
    await real.close();
    for (const worker of store.entered) await database.expire(worker);
  }
  return isDone;
}

/** What ann's state was set to, in order. */
async function changesOf(database: CrashDatabase): Promise<readonly unknown[]> {
  const store = await database.open();
  const id = idOfKey("space", "default", JSON.stringify(["shared", "adk", "user", "clerk", "ann"]));
  const changes = await store.said(id);
  await store.close();
  return changes.flatMap(({ value }) => Object.values(JSON.parse(value!) as object));
}

test("of sessions that set something at the same time none is lost", async () => {
  const runtime = () => {
    const one = new Runtime({ database: url, namespace: "race", hotPeriod: 0 });
    runtimes.push(one);
    return one;
  };
  const sessions = ["1", "2", "3"].map((session) => ({ session, runtime: runtime() }));
  await Promise.all(
    sessions.map(async ({ session, runtime }) => {
      for (let nth = 1; nth <= 8; nth += 1) {
        const text = `note user:${session}.${nth} ${nth}`;
        const { state } = await turn(runtime, clerk(), ["ann", session, text]);
        // Its own are all there by now.
        for (let own = 1; own <= nth; own += 1) {
          expect(state[`user:${session}.${own}`]).toBe(String(own));
        }
      }
    }),
  );
  const state = await seen(runtime(), "ann", "4");
  expect(Object.keys(state)).toHaveLength(24);
});

test("a Runner with sessions in memory shares it too, and what its owner sets there is newer", async () => {
  const database = memoryDatabase();
  const start = () => new InMemoryRunner({ agent: clerk(), appName: "clerk" });
  const runner = start();
  const key = { appName: "clerk", userId: "ann", sessionId: "1" };
  await turn(runtimeOn(database), runner, ["ann", "1", "note user:tea green"]);
  const session = await runner.sessionService.getSession(key);
  expect(session?.state).toEqual({ "user:tea": "green" });

  await turn(runtimeOn(database), clerk(), ["ann", "2", "note user:tea black"]);
  const later = await turn(runtimeOn(database), runner, ["ann", "1", "look"]);
  expect(later.state).toEqual({ "user:tea": "black" });
  expect((await runner.sessionService.getSession(key))?.state).toEqual({ "user:tea": "black" });

  await bareTurn(runner, ["ann", "1", "note user:tea white"]);
  const own = await turn(runtimeOn(database), runner, ["ann", "3", "look"]);
  expect(own.state).toEqual({ "user:tea": "white" });

  const restarted = await turn(runtimeOn(database), start(), ["ann", "4", "look"]);
  expect(restarted.state).toEqual({ "user:tea": "black" });
});

test("a turn that shares nothing has no more steps, spaces or runs than before", async () => {
  const runtime = new Runtime({ database: url, namespace: "plain", hotPeriod: 0 });
  runtimes.push(runtime);
  await turn(runtime, clerk(), ["ann", "1", "note own this"], "plain 1");
  await turn(runtime, clerk(), ["ann", "1", "look"], "plain 2");
  const names = async (id: string) => (await runtime.handle(id).steps()).map(({ name }) => name);
  expect(await names("plain 1")).toEqual(["clerk", "note", "clerk"]);
  expect(await names("plain 2")).toEqual(["clerk"]);
  const { rows } = await pool.query(
    "select namespace, count(*)::int from holdfast.runs where namespace like '%plain%' group by 1",
  );
  expect(rows).toEqual([{ namespace: "plain", count: 2 }]);
});

test("what a turn set before it failed stays, and is not set anew when it is tried again", async () => {
  const runtime = runtimeOn();
  let fails = true;
  const effect = async (key: string) => {
    if (fails && key === "model: clerk (3)") throw new Error("The model is down.");
  };
  const said: Said = ["ann", "1", "note user:tea green"];
  await expect(turn(runtime, clerk(effect), said, "r")).rejects.toThrow("down");
  expect(await seen(runtime, "ann", "2")).toEqual({ "user:tea": "green" });

  await turn(runtime, clerk(), ["ann", "2", "note user:tea black"]);
  fails = false;
  await runtime.handle("r").retry();
  const { events } = await turn(runtime, clerk(effect), said, "r");
  expect(events.at(-1)).toContain("sees");
  expect(await seen(runtime, "ann", "3")).toEqual({ "user:tea": "black" });
});
