import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import pg from "pg";
import { describe, expect, inject, it, onTestFinished, vi } from "vitest";
import { migrate } from "../../src/database/migrate.ts";
import { startEmbedded, stopEmbedded } from "../../src/embedded/index.ts";
import { madeHome } from "../embedded/support/scratch.ts";
import { cuttableProxy } from "../support/cuttable-proxy.ts";
import { databaseUrl } from "../support/postgres.ts";
import { testDatabase } from "../support/test-database.ts";
import { type EnteredWorker, enterWorker } from "../support/worker-presence.ts";

const database = testDatabase();
const enter = (options = {}) => enterWorker(database.pool, { database: database.url, ...options });

/** Looks all the time: for how long did the worker look dead, with no beat between? */
function watch(worker: EnteredWorker): () => Promise<number> {
  let isOver = false;
  const watching = (async () => {
    let longest = 0;
    let since: { readonly beats: number; readonly at: number } | undefined;
    while (!isOver) {
      const row = await worker.row();
      const looksDead = row !== undefined && row.lock !== null && !row.isHeld;
      if (!looksDead) since = undefined;
      else if (since?.beats === row.beats)
        longest = Math.max(longest, performance.now() - since.at);
      else since = { beats: row.beats, at: performance.now() };
      await sleep(2);
    }
    return longest;
  })();
  return () => {
    isOver = true;
    return watching;
  };
}

async function say(payload: string): Promise<void> {
  await database.pool.query("select pg_notify('holdfast', $1)", [payload]);
}

describe("a worker that was cut off for its lease", () => {
  it("is not certain that it lives until it was told so again", async () => {
    const proxy = await cuttableProxy(database.url);
    onTestFinished(() => proxy.close());
    const { presence, until } = await enter({ database: proxy.url, leaseMs: 900 });
    expect(presence.certain()).toBeUndefined();
    await until(() => presence.hearsHints);
    proxy.freeze();
    const frozenAt = performance.now();
    await until(() => presence.certain() !== undefined);
    expect(performance.now() - frozenAt).toBeGreaterThan(500);
    let isCertain = false;
    const certain = presence.certain()!.then(() => {
      isCertain = true;
    });
    await sleep(300);
    expect(isCertain).toBe(false);
    await proxy.restore();
    await certain;
    expect(presence.certain()).toBeUndefined();
  });
});

it("a worker that was cut off and taken for dead is never certain again", async () => {
  const proxy = await cuttableProxy(database.url);
  onTestFinished(() => proxy.close());
  const { presence, until, id, isBuried } = await enter({ database: proxy.url, leaseMs: 900 });
  await until(() => presence.hearsHints);
  proxy.freeze();
  await until(() => presence.certain() !== undefined);
  let isCertain = false;
  void presence.certain()!.then(() => {
    isCertain = true;
  });
  await database.pool.query("delete from holdfast.workers where worker_id = $1", [id]);
  await proxy.restore();
  await until(isBuried);
  await sleep(200);
  expect(isCertain).toBe(false);
});

describe("a worker that enters", () => {
  it("is known at once, and soon holds a lock, beats and hears", async () => {
    const worker = await enter({ leaseMs: 900 });
    expect(await worker.row()).toMatchObject({ isExpired: false });
    await worker.until(() => worker.presence.hearsHints);
    const { lock, beats, isHeld } = (await worker.row())!;
    expect(lock).toBeGreaterThan(0);
    expect(isHeld).toBe(true);
    await worker.until(async () => (await worker.row())!.beats > beats + 2);
    expect(await worker.row()).toMatchObject({ lock, isHeld: true, isExpired: false });
    expect(worker.noticed).toEqual([]);
  });

  it("hears what is said, in order, and not the greetings of others", async () => {
    const worker = await enter();
    await worker.until(() => worker.presence.hearsHints);
    const another = await enter();
    await another.until(() => another.presence.hearsHints);
    await say("one");
    await say("two");
    await worker.until(() => worker.hints.length === 2);
    expect(worker.hints).toEqual(["one", "two"]);
  });

  it("says what it serves, and goes on saying so", async () => {
    const worker = await enter({ leaseMs: 900 });
    await worker.presence.tell('["support"]');
    const { beats, serves } = (await worker.row())!;
    expect(serves).toBe('["support"]');
    await worker.until(async () => (await worker.row())!.beats > beats + 2);
    expect(await worker.row()).toMatchObject({ serves: '["support"]' });
  });

  it("leaves lock, row and connection when it leaves", async () => {
    const worker = await enter();
    await worker.until(() => worker.presence.hearsHints);
    const { lock } = (await worker.row())!;
    await Promise.all([worker.presence.leave(), worker.presence.leave()]);
    expect(await worker.row()).toBeUndefined();
    expect(worker.presence.hearsHints).toBe(false);
    await worker.until(async () => {
      const { rows } = await database.pool.query(
        "select from pg_locks where locktype = 'advisory' and objid::bigint = $1",
        [lock],
      );
      return rows.length === 0;
    });
    expect(worker.isBuried()).toBe(false);
  });

  it("may leave before its session is there", async () => {
    const worker = await enter();
    await worker.presence.leave();
    expect(await worker.row()).toBeUndefined();
    expect(worker.isBuried()).toBe(false);
  });

  it("that is buried is told, and nothing brings it back", async () => {
    const worker = await enter({ leaseMs: 600 });
    await worker.until(() => worker.presence.hearsHints);
    await database.pool.query("delete from holdfast.workers where worker_id = $1", [worker.id]);
    await worker.until(worker.isBuried);
    expect(worker.presence.hearsHints).toBe(false);
    await sleep(500);
    expect(await worker.row()).toBeUndefined();
    await worker.presence.leave();
  });
});

describe("a worker whose session is terminated", () => {
  it("beats at once, has a lock again and hears, and never looks dead for long", async () => {
    const worker = await enter({ leaseMs: 30_000 });
    await worker.until(() => worker.presence.hearsHints);
    const looks = watch(worker);
    for (let time = 0; time < 5; time += 1) {
      const { lock } = (await worker.row())!;
      await worker.terminateSession();
      await worker.until(async () => {
        const row = (await worker.row())!;
        return row.isHeld && row.lock !== lock;
      });
      await worker.until(() => worker.presence.hearsHints);
    }
    expect(await looks()).toBeLessThan(250);
    await say("heard");
    await worker.until(() => worker.hints.includes("heard"));
    expect(worker.noticed).toHaveLength(10);
    expect(worker.noticed[0]).toContain("It has no session");
    expect(worker.noticed[1]).toContain("Its session is back");
  });

  it("and that cannot have another goes on beating over its other connection", async () => {
    const proxy = await cuttableProxy(database.url);
    onTestFinished(() => proxy.close());
    const worker = await enter({ leaseMs: 900, directDatabase: proxy.url });
    await worker.until(() => worker.presence.hearsHints);
    proxy.refuse();
    await worker.until(async () => (await worker.row())!.lock === null);
    const { beats } = (await worker.row())!;
    await worker.until(async () => (await worker.row())!.beats > beats + 3);
    expect(await worker.row()).toMatchObject({ lock: null, isExpired: false });
    expect(worker.presence.hearsHints).toBe(false);
    expect(worker.noticed).toHaveLength(1);
    await proxy.restore();
    await worker.until(() => worker.presence.hearsHints);
    expect(await worker.row()).toMatchObject({ isHeld: true });
    expect(worker.isBuried()).toBe(false);
  });

  it("notices when nothing is answered any more", async () => {
    const proxy = await cuttableProxy(database.url);
    onTestFinished(() => proxy.close());
    const worker = await enter({ leaseMs: 3000, directDatabase: proxy.url });
    await worker.until(() => worker.presence.hearsHints);
    const looks = watch(worker);
    proxy.freeze();
    await worker.until(async () => (await worker.row())!.lock === null);
    expect(await worker.row()).toMatchObject({ isExpired: false });
    await proxy.restore();
    await worker.until(() => worker.presence.hearsHints);
    expect(await looks()).toBeLessThan(250);
  });
});

describe("a worker whose server restarts", () => {
  async function ownServer() {
    const home = await madeHome();
    const server = await startEmbedded({ dir: home });
    const outside = new pg.Pool({ max: 1, connectionString: server.url });
    outside.on("error", () => {});
    onTestFinished(() => outside.end());
    await migrate(outside);
    return { home, server, outside };
  }

  it("is known, beats, holds a lock and hears again", async () => {
    const { home, server, outside } = await ownServer();
    const worker = await enterWorker(outside, { database: server.url, leaseMs: 2000 });
    await worker.until(() => worker.presence.hearsHints);
    await stopEmbedded({ dir: home });
    await worker.until(() => !worker.presence.hearsHints);
    await startEmbedded({ dir: home });
    await worker.until(() => worker.presence.hearsHints);
    // Its other connection may come back later, and beat once more without the lock.
    await worker.until(async () => (await worker.row())!.isHeld);
    expect(await worker.row()).toMatchObject({ isExpired: false });
    expect(worker.isBuried()).toBe(false);
  });

  it("on another port follows it there", async () => {
    const { home, server, outside: _ } = await ownServer();
    vi.stubEnv("HOLDFAST_DATABASE_URL", "");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { port } = server;
    const outside = new pg.Pool({ max: 1, connectionString: server.url, idleTimeoutMillis: 1 });
    outside.on("error", () => {});
    onTestFinished(() => outside.end());
    const worker = await enterWorker(outside, { embeddedDir: home, leaseMs: 2000 });
    await worker.until(() => worker.presence.hearsHints);
    await stopEmbedded({ dir: home });
    const squatter = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
    onTestFinished(() => void squatter.close());
    await once(squatter, "listening");
    await worker.until(() => !worker.presence.hearsHints);
    const again = await startEmbedded({ dir: home });
    expect(again.port).not.toBe(port);
    await worker.until(() => worker.presence.hearsHints);
  });
});

describe("a session by a URL of its own", () => {
  it("that leads to another database is done without, and that is said", async () => {
    const elsewhere = databaseUrl(inject("adminUrl"), inject("template"));
    const worker = await enter({ leaseMs: 900, directDatabase: elsewhere });
    await worker.until(() => worker.noticed.length > 0);
    expect(worker.noticed[0]).toContain(
      "HOLDFAST_DATABASE_URL_DIRECT must lead to the same database",
    );
    const { beats } = (await worker.row())!;
    await worker.until(async () => (await worker.row())!.beats > beats + 2);
    expect(worker.isBuried()).toBe(false);
    expect(worker.presence.hearsHints).toBe(false);
  });

  it("that does not work shows no password, whatever it says", async () => {
    const wrong = new URL(database.url);
    wrong.username = "ana";
    wrong.password = "hunter22";
    const worker = await enter({ directDatabase: wrong.href });
    await worker.until(() => worker.noticed.length > 0);
    expect(worker.noticed[0]).toMatch(/It has no session.*ana/);
    expect(worker.noticed.join()).not.toContain("hunter22");
    expect(inspect(worker, { depth: 9, showHidden: true })).not.toContain("hunter22");
  });

  it("is found in HOLDFAST_DATABASE_URL_DIRECT", async () => {
    vi.stubEnv("HOLDFAST_DATABASE_URL_DIRECT", "mysql://nowhere");
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(enter()).rejects.toMatchObject({ code: "DATABASE_URL_INVALID" });
    const proxy = await cuttableProxy(database.url);
    onTestFinished(() => proxy.close());
    vi.stubEnv("HOLDFAST_DATABASE_URL_DIRECT", proxy.url);
    const worker = await enter();
    await worker.until(() => worker.presence.hearsHints);
    proxy.refuse();
    await worker.until(() => !worker.presence.hearsHints);
  });
});

describe("a session whose connections are opened by code of the program", () => {
  it("runs on the main thread, which is said, and does the same", async () => {
    const { hostname, port, username, password, pathname } = new URL(database.url);
    const theirs = new pg.Pool({
      host: hostname,
      port: Number(port),
      user: username,
      database: pathname.slice(1),
      password: async () => decodeURIComponent(password),
    });
    const worker = await enter({ database: theirs, leaseMs: 900 });
    await worker.until(() => worker.presence.hearsHints);
    expect(worker.noticed).toEqual([expect.stringContaining("runs on the main thread")]);
    const { beats } = (await worker.row())!;
    await worker.until(async () => (await worker.row())!.beats > beats + 2);
    await worker.terminateSession();
    await worker.until(() => worker.noticed.some((line) => line.includes("is back")));
    await worker.until(() => worker.presence.hearsHints);
    await say("heard");
    await worker.until(() => worker.hints.includes("heard"));
    await worker.presence.leave();
    expect(await worker.row()).toBeUndefined();
  });

  it("needs none for options alone, hidden ones among them", async () => {
    const { hostname, port, username, password, pathname } = new URL(database.url);
    const theirs = new pg.Pool({
      host: hostname,
      port: Number(port),
      user: username,
      database: pathname.slice(1),
      password: decodeURIComponent(password),
      log: () => {},
    });
    const worker = await enter({ database: theirs });
    await worker.until(() => worker.presence.hearsHints);
    expect(worker.noticed).toEqual([]);
  });
});
