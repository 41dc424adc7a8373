// Artifacts of a user, and memory: what one session keeps, another session of the same user finds, as with ADK alone.
import { InMemoryRunner } from "@google/adk";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach, describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { keeper, type Said, sharedArtifacts, turn } from "./keeper.ts";

const { url } = testDatabase();
const runtimes: Runtime[] = [];
afterEach(() => Promise.all(runtimes.splice(0).map((runtime) => runtime.close())));

async function bareTurn(runner: InMemoryRunner, [userId, sessionId, text]: Said) {
  const key = { appName: "keeper", userId, sessionId };
  await runner.sessionService.getOrCreateSession(key);
  const newMessage = { role: "user", parts: [{ text }] };
  for await (const _ of runner.runAsync({ userId, sessionId, newMessage }));
  return (await runner.sessionService.getSession(key))!.state.came;
}

const SAID: readonly Said[] = [
  ["ann", "1", "save user:note one"],
  ["ann", "1", "save own mine"],
  ["ann", "2", "save user:note two"],
  ["ann", "1", "load user:note"],
  ["ann", "2", "load user:note 0"],
  ["ann", "2", "load own"],
  ["ann", "2", "list"],
  ["bob", "1", "list"],
  ["ann", "3", "versions user:note"],
  ["ann", "2", "delete user:note"],
  ["ann", "1", "load user:note"],
  ["ann", "1", "save user:note three"],
  ["ann", "2", "load user:note"],
  ["ann", "1", "remember"],
  ["ann", "2", "remember"],
  ["ann", "2", "search delete"],
  ["ann", "1", "remember"],
  ["ann", "3", "search remember"],
  ["bob", "2", "search remember"],
];

const places = {
  "in memory": () => {
    const database = memoryDatabase();
    return () => new Runtime({ store: openMemoryStore(database), hotPeriod: 0 });
  },
  "on Postgres": () => {
    const runtime = new Runtime({ database: url, hotPeriod: 0 });
    return () => runtime;
  },
};

describe.each(Object.entries(places))("%s", (_, place) => {
  test("sessions of a user find what they kept, and nobody else does, as with ADK alone", async () => {
    const bare = new InMemoryRunner({ agent: keeper(), appName: "keeper" });
    const open = place();
    for (const said of SAID) {
      const runtime = open();
      if (!runtimes.includes(runtime)) runtimes.push(runtime);
      expect([said, await turn(runtime, said)]).toEqual([said, await bareTurn(bare, said)]);
    }
  });
});

test("is killed at every write and every effect, and each version is there once", async () => {
  const report = await everyPoint(sharedArtifacts, { database: inMemory, atOnce: 24 });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test("a turn that loaded what another session removed since has it again when it goes on", async () => {
  const database = memoryDatabase();
  const open = () => {
    const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0 });
    runtimes.push(runtime);
    return runtime;
  };
  const runtime = open();
  await turn(runtime, ["ann", "1", "save user:note one"]);
  const down = keeper(async () => Promise.reject(new Error("The model is down.")));
  const load: Said = ["ann", "1", "load user:note"];
  await expect(turn(runtime, load, "r", down)).rejects.toThrow("down");
  await turn(open(), ["ann", "2", "delete user:note"]);
  await turn(open(), ["ann", "2", "save user:note other"]);
  await runtime.handle("r").retry();
  expect(await turn(open(), load, "r")).toEqual({ text: "one" });
});
