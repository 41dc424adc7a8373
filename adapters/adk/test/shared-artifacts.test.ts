// Artifacts of a user, and memory: what one session keeps, another session of the same user finds, as with ADK alone.
import { createEvent, InMemoryRunner, LlmAgent } from "@google/adk";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach, describe, expect, test } from "vitest";
import {
  everyPoint,
  inMemory,
  type Scenario,
  survive,
} from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { keeper, type Said, sharedArtifacts, turn } from "./keeper.ts";
import { FakeLlm } from "./scenarios/fake-llm.ts";

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

test("what a turn loaded and then removed, it loads again when it goes on", async () => {
  const taking: Scenario = {
    name: "taking",
    async run({ runtime, runId, effect }) {
      const app = new LlmAgent({
        name: "taker",
        model: new FakeLlm(effect, "taker", () => "done"),
        async beforeAgentCallback(context) {
          await context.saveArtifact("inbox", { text: "one" });
          context.state.set("took", (await context.loadArtifact("inbox"))?.text ?? "nothing");
          const { artifactService } = context.invocationContext;
          await artifactService!.deleteArtifact("inbox");
          const version = await context.saveArtifact("inbox", { text: "two" });
          context.state.set("next", [version, (await context.loadArtifact("inbox"))?.text]);
          return undefined;
        },
      });
      return (await runtime.run(app, "Go.", { durable: { runId } })).state;
    },
  };
  const report = await everyPoint(taking, { database: inMemory, atOnce: 24 });
  expect(report.failures).toEqual([]);
  const { ending } = await survive(taking, { database: inMemory() });
  expect(ending).toEqual({ is: "returned", output: { took: "one", next: [0, "two"] } });
});

test("what the owner of a Runner does to its services in memory is there in its turns", async () => {
  const database = memoryDatabase();
  const open = () => {
    const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0 });
    runtimes.push(runtime);
    return runtime;
  };
  const start = () => new InMemoryRunner({ agent: keeper(), appName: "keeper" });
  const runner = start();
  const { artifactService, memoryService, sessionService } = runner;
  const artifacts = artifactService!;
  const key = { appName: "keeper", userId: "ann", sessionId: "s" };
  const say = async (text: string) => {
    const { state } = await open().run(runner, text, { userId: "ann", sessionId: "s" });
    return state.came;
  };
  await sessionService.createSession(key);
  const upload = (text: string) =>
    artifacts.saveArtifact({ ...key, filename: "upload", artifact: { text } });

  await upload("one");
  expect(await say("list")).toEqual(["upload"]);
  expect(await say("load upload")).toEqual({ text: "one" });
  await upload("two");
  expect(await say("load upload")).toEqual({ text: "two" });
  expect(await say("save upload three")).toBe(2);
  expect(await say("versions upload")).toEqual([0, 1, 2]);
  expect(await artifacts.listVersions({ ...key, filename: "upload" })).toEqual([0, 1, 2]);
  await artifacts.deleteArtifact({ ...key, filename: "upload" });
  expect(await say("list")).toEqual([]);
  expect(await say("load upload")).toBe("nothing");
  await upload("four");
  expect(await say("versions upload")).toEqual([0]);

  const other = await sessionService.createSession({ ...key, sessionId: "other" });
  const content = { role: "user", parts: [{ text: "I like kelp" }] };
  await sessionService.appendEvent({
    session: other,
    event: createEvent({ author: "user", content }),
  });
  await memoryService!.addSessionToMemory(other);
  await say("remember");
  expect(await say("search kelp")).toEqual(["I like kelp"]);
  expect(await say("search load")).toEqual(["load upload", "load upload", "load upload"]);
});
