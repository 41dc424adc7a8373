/** What travels on the channel: as anybody may hear it, and as a store hears it from anybody. */
import pg from "pg";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CHANNEL, HintSender } from "../../src/store/hints/hint-sender.ts";
import { type Hint, newId, type Store } from "../../src/store/index.ts";
import { testDatabase } from "../support/test-database.ts";
import { newWorker } from "../support/workers.ts";
import { appOfRuns } from "./contract/app-of-runs.ts";

const database = testDatabase();
let store: Store;
beforeAll(async () => {
  store = await database.open();
});

/** A client that is no worker. */
async function listener() {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(() => client.end());
  const payloads: string[] = [];
  let heard = () => {};
  client.on("notification", ({ payload = "" }) => {
    payloads.push(payload);
    heard();
  });
  await client.query(`listen ${CHANNEL}`);
  const all = (topic: keyof Hint): readonly string[] =>
    payloads.flatMap((payload) => (JSON.parse(payload) as Hint)[topic] ?? []);
  return {
    payloads,
    all,
    async until(isEnough: () => boolean) {
      while (!isEnough()) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
  };
}

describe("the hints of a store", () => {
  it("are heard by whoever listens, together and each once", async () => {
    const ear = await listener();
    const app = appOfRuns();
    const { runId } = await app.create(store, { app: "first" });
    await ear.until(() => ear.all("ready").includes("first"));
    const keys = Array.from({ length: 30 }, (_, n) => `${n}`);
    await Promise.all(keys.map((key) => store.say(runId, { key, kind: "signal" })));
    await Promise.all(keys.map((key) => app.create(store, { app: `app ${key}` })));
    await ear.until(() => keys.every((key) => ear.all("ready").includes(`app ${key}`)));
    expect(ear.all("said")).toContain(runId);
    expect(ear.payloads.length).toBeLessThan(20);
    for (const payload of ear.payloads) {
      const subjects = Object.values(JSON.parse(payload) as Hint).flat();
      expect(new Set(subjects).size).toBe(subjects.length);
    }
  });

  it("fit, however many there are at once", async () => {
    const ear = await listener();
    const hints = new HintSender(database.pool);
    const ids = Array.from({ length: 1_000 }, () => newId());
    for (const id of ids) hints.say("said", id);
    for (const id of ids) hints.say("moved", id);
    await hints.stop();
    await ear.until(() => ear.all("moved").length === ids.length);
    expect(ear.all("said")).toEqual(ids);
    expect(ear.all("moved")).toEqual(ids);
    for (const payload of ear.payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
  });

  it.each([
    `it's "quoted" \\ and\nbroken`,
    "ünïcödé \u{1f9ff}\u2028",
    "x".repeat(3_000),
    "\u0001\u001f\u007f".repeat(300),
    "\u{1f9ff}".repeat(1_700),
    "'); drop schema holdfast; --",
    "",
  ])("carry any name: %#", async (name) => {
    const ear = await listener();
    await appOfRuns().create(store, { app: name });
    await ear.until(() => ear.all("ready").includes(name));
  });

  it("leave out a name that is too long for any, and nothing else", async () => {
    const ear = await listener();
    const app = appOfRuns();
    await Promise.all([
      app.create(store, { app: "x".repeat(9_000) }),
      app.create(store, { app: "of ordinary length" }),
    ]);
    await ear.until(() => ear.all("ready").includes("of ordinary length"));
    expect(ear.all("ready")).toEqual(["of ordinary length"]);
  });

  it("are sent before the store is closed", async () => {
    const ear = await listener();
    const closing = await database.open();
    const app = appOfRuns();
    const name = app.served.namespace;
    const { runId } = await app.create(closing, { app: name });
    const writer = await closing.takeOver(runId);
    const put = writer.putState({ status: "completed" });
    await closing.close();
    await put;
    await ear.until(() => ear.all("ready").includes(name) && ear.all("moved").includes(runId));
  });
});

describe("a store that hears anything at all on the channel", () => {
  it("takes what makes sense, and is not troubled by the rest", async () => {
    const { presence } = await newWorker(store);
    while (!presence.hearsHints) await new Promise((resolve) => setTimeout(resolve, 5));
    const heard: Hint[] = [];
    const last = newId();
    const done = new Promise<void>((resolve) => {
      onTestFinished(
        store.listen((hint) => {
          heard.push(hint);
          if (hint.moved?.includes(last)) resolve();
        }),
      );
    });
    for (const payload of [
      "",
      "nonsense",
      "null",
      "7",
      "[]",
      '{"ready":"app"}',
      '{"ready":[7]}',
      '{"said":["a"],"moved":[null],"else":["b"],"__proto__":["c"]}',
      JSON.stringify({ moved: [last] }),
    ]) {
      await database.pool.query("select pg_notify($1, $2)", [CHANNEL, payload]);
    }
    await done;
    expect(heard.filter((hint) => Object.keys(hint).length > 0)).toEqual([
      { said: ["a"] },
      { moved: [last] },
    ]);
  });
});
