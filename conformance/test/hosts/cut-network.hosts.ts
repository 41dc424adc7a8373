/**
 * Two hosts, a worker on each, one database between them; and what becomes of the runs of one when the
 * network does what networks do. Nobody overlaps, nobody is robbed: see `src/chaos/observer.ts`.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Runtime } from "@holdfast/core";
import { openStore } from "@holdfast/core/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isExpected } from "../../src/chaos/expected.ts";
import { moment } from "../../src/chaos/happening.ts";
import { Observer } from "../../src/chaos/observer.ts";
import { newDatabaseName, PrivatePostgres } from "../../src/chaos/private-postgres.ts";
import { APP, type Part, type Program } from "../../src/chaos/program.ts";
import { checkRecords } from "../../src/chaos/records.ts";
import { openSql, runSql, type Sql } from "../../src/chaos/sql.ts";
import { type HostWorker, startOn } from "../../src/hosts/host-worker.ts";
import { type Host, type Network, openNetwork } from "../../src/hosts/network.ts";
import { slowDoor } from "../../src/hosts/slow-door.ts";

const LEASE_MS = 10_000;
/** How long a statement is given before its connection counts as lost. */
const TRY_MS = 30_000;
/** Between two looks at workers, and the time to take a run up. */
const LOOK_MS = 2_000;

let network: Network;
let postgres: PrivatePostgres;
let hostA: Host;
let hostB: Host;
beforeAll(async () => {
  network = await openNetwork(["a", "b"]);
  [hostA, hostB] = network.hosts as [Host, Host];
  postgres = await PrivatePostgres.open({ host: network.address });
});
afterAll(async () => {
  await postgres?.close();
  await network?.[Symbol.asyncDispose]();
});

interface Scene extends AsyncDisposable {
  readonly url: string;
  readonly sql: Sql;
  readonly observer: Observer;
  readonly a: HostWorker;
  readonly b: HostWorker;
  /** Until all runs have ended; then everything is judged. */
  end(): Promise<void>;
}

/** A has some runs, and works on them; B serves as well. */
async function scene(options: {
  readonly runs: number;
  readonly steps: number;
  readonly directUrlOfA?: string;
}): Promise<Scene> {
  const database = newDatabaseName();
  const url = postgres.url(database);
  await runSql(postgres.url("postgres"), `create database ${database}`);
  await using opened = new AsyncDisposableStack();
  const { sql, close } = await openSql(url);
  opened.defer(close);
  const runtime = new Runtime({ database: url });
  opened.defer(() => runtime.close({ grace: 0 }));
  await runtime.runs.list();

  const observer = new Observer(new Set());
  const workers: HostWorker[] = [];
  const start = async (host: Host, direct?: string) => {
    const worker: HostWorker = await startOn({
      host,
      url,
      ...(direct === undefined ? {} : { directUrl: new URL(database, direct).href }),
      hear: (told) => observer.hear(host === hostA ? 1 : 2, told),
    });
    workers.push(worker);
    opened.use(worker);
    return worker;
  };
  const a = await start(hostA, options.directUrlOfA);
  const programs = Array.from({ length: options.runs }, (_, nth) =>
    program(`run ${nth + 1}`, options.steps),
  );
  for (const one of programs) await runtime.start(APP, one, { durable: { runId: one.run } });
  await expect.poll(() => observer.running(1), { timeout: 10_000 }).toBe(options.runs);
  const b = await start(hostB);
  const all = opened.move();
  return {
    url,
    sql,
    observer,
    a,
    b,
    async end() {
      for (const { run, parts } of programs) {
        const output = await runtime.handle(run).result();
        expect(isExpected(output, parts, (id) => observer.valueOf(run, id))).toBe(true);
      }
      for (const worker of workers) await worker.kill();
      observer.conclude();
      const store = await openStore({ database: url });
      const { violations } = await checkRecords(sql, store).finally(() => store.close());
      expect([...observer.violations, ...violations]).toEqual([]);
    },
    [Symbol.asyncDispose]: async () => {
      await all.disposeAsync();
      await hostA.heal();
    },
  };
}

function program(run: string, steps: number): Program {
  const step = (nth: number): Part => ({
    do: "step",
    id: `step ${nth}`,
    ms: 50,
    failing: 0,
    once: false,
  });
  return { run, parts: Array.from({ length: steps }, (_, nth) => step(nth)) };
}

const began = ({ told }: HostWorker, since = 0) =>
  told.find(({ is, at }) => is === "begins" && at > since)?.at;
const says = ({ told }: HostWorker, what: RegExp, since = 0) =>
  told.find((one) => one.is === "says" && what.test(one.message) && one.at > since)?.at;
const TAKEN_FOR_DEAD = /was taken for dead/;
const NO_SESSION = /It has no session/;

async function moments(what: string, find: () => number | undefined, timeout: number) {
  await expect.poll(find, { timeout, interval: 10, message: what }).toBeDefined();
  return find()!;
}

const workersKnown = async (sql: Sql) =>
  (await sql.query<{ n: number }>("select count(*)::int as n from holdfast.workers")).rows[0]!.n;

function report(what: string, ms: Readonly<Record<string, number | undefined>>): void {
  const all = Object.entries(ms).map(([name, one]) => `${name}: ${one?.toFixed(0) ?? "–"} ms`);
  console.log(`${what}: ${all.join(", ")}`);
}

describe("a host whose cable is pulled", () => {
  it("for less than its lease keeps its runs, and goes on with them", async () => {
    await using play = await scene({ runs: 4, steps: 120 });
    const cutAt = moment();
    await hostA.cut();
    await delay(3_000);
    await hostA.heal();
    const healedAt = moment();
    const back = () => play.a.told.find(({ is, at }) => is === "returned" && at > healedAt)?.at;
    const backAt = await moments("A goes on", back, 15_000);
    await play.end();
    expect(began(play.b)).toBeUndefined();
    report("Cut for 3 s", {
      "A goes on after": backAt - healedAt,
      "after the cut": backAt - cutAt,
    });
  });

  it("for longer loses them after its lease, not before; it says so, and comes back as another", async () => {
    await using play = await scene({ runs: 4, steps: 150 });
    const { a, b, observer, sql } = play;
    const cutAt = moment();
    await hostA.cut();
    const takenAt = await moments("B takes them", () => began(b), LEASE_MS + LOOK_MS);
    // A had told at most a third of its lease before that it lives.
    expect(takenAt - cutAt).toBeGreaterThan((LEASE_MS * 2) / 3 - 100);
    observer.disconnected(1, cutAt);
    expect(await workersKnown(sql)).toBe(1);
    await delay(2_000);
    await hostA.heal();
    const healedAt = moment();
    const lostAt = await moments("A hears of it", () => says(a, TAKEN_FOR_DEAD), 60_000);
    await expect.poll(() => workersKnown(sql), { timeout: 10_000 }).toBe(2);
    const killedAt = moment();
    observer.killed(2, killedAt);
    await b.kill();
    const backAt = await moments("A takes them back", () => began(a, killedAt), LOOK_MS + 2_000);
    await play.end();
    report("Cut past the lease", {
      "B takes them after": takenAt - cutAt,
      "A, healed, hears of it after": lostAt - healedAt,
      "B killed, A takes them after": backAt - killedAt,
    });
  });
});

describe("a worker whose session is terminated while it goes on to tell that it lives", () => {
  it.for([0, 200, 600])("keeps its runs, also where a new one takes %i ms", async (delayMs) => {
    const to = Number(new URL(postgres.url("postgres")).port);
    using door = await slowDoor(network.address, { to, delayMs });
    const direct = new URL(postgres.url("postgres"));
    direct.port = String(door.port);
    await using play = await scene({ runs: 4, steps: 120, directUrlOfA: direct.href });
    const { sql, a, b } = play;
    const took: number[] = [];
    for (let nth = 0; nth < 8; nth += 1) {
      const before = await sessionOf(sql, network.address);
      const at = moment();
      await sql.query("select pg_terminate_backend($1)", [before]);
      const again = async () => {
        const now = await sessionOf(sql, network.address);
        return now !== undefined && now !== before;
      };
      await expect.poll(again, { timeout: 10_000, interval: 5 }).toBe(true);
      took.push(moment() - at);
      await delay(300 * Math.random());
    }
    await play.end();
    expect(began(b)).toBeUndefined();
    expect(says(a, TAKEN_FOR_DEAD)).toBeUndefined();
    const sorted = took.toSorted((one, other) => one - other);
    report(`Session terminated 8 times, door of ${delayMs} ms`, {
      "it holds its lock again after, median": sorted[4],
      longest: sorted.at(-1),
    });
  });
});

describe("a host whose packets vanish", () => {
  it("notices by itself, loses its runs after its lease, and hears of it soon after it is heard again", async () => {
    await using play = await scene({ runs: 4, steps: 250 });
    const { a, b, observer } = play;
    const silentAt = moment();
    await hostA.silence();
    const noticedAt = await moments("A notices", () => says(a, NO_SESSION), LEASE_MS);
    const takenAt = await moments("B takes them", () => began(b), LEASE_MS + LOOK_MS);
    expect(takenAt - silentAt).toBeGreaterThan((LEASE_MS * 2) / 3 - 100);
    observer.disconnected(1, silentAt);
    await delay(10_000);
    await hostA.heal();
    const healedAt = moment();
    const lostAt = await moments("A hears of it", () => says(a, TAKEN_FOR_DEAD), 90_000);
    await play.end();
    report("Silent", {
      "A notices after": noticedAt - silentAt,
      "B takes them after": takenAt - silentAt,
      "A, healed, hears of it after": lostAt - healedAt,
    });
  });
});

describe("a host whose old connections lead nowhere", () => {
  it("is robbed of nothing, and does over new ones all that it did", async () => {
    await using play = await scene({ runs: 4, steps: 1_000 });
    const { a, b, url } = play;
    const from = moment();
    await hostA.readdress();
    const back = () => a.told.find(({ is, at }) => is === "returned" && at > from + 1_000)?.at;
    const backAt = await moments("A goes on", back, TRY_MS + LOOK_MS);
    expect(began(b)).toBeUndefined();
    // Nobody else is there to take it up: that takes another connection than steps do.
    await b.kill();
    const runtime = new Runtime({ database: url });
    const one = await runtime.start(APP, program("another", 3));
    const end = await one.result().finally(() => runtime.close({ grace: 0 }));
    expect(end).toHaveLength(3);
    expect(says(a, TAKEN_FOR_DEAD)).toBeUndefined();
    const takenUp = a.told.find((told) => told.is === "begins" && told.run === "another")!;
    report("Old connections lead nowhere", {
      "its session is another after": says(a, /Its session is back/)! - from,
      "its runs go on after": backAt - from,
      "it takes up runs after": takenUp.at - from,
    });
  });
});

/** The server process of the session of whoever comes from there, once that holds its lock. */
async function sessionOf(sql: Sql, address: string): Promise<number | undefined> {
  const { rows } = await sql.query<{ pid: number }>(
    `select a.pid from pg_stat_activity a
     join pg_locks l on l.pid = a.pid and l.locktype = 'advisory' and l.granted
     join holdfast.workers w on w.lock = l.objid::bigint
     where a.application_name = 'holdfast session' and a.client_addr = $1::inet
       and a.datname = current_database()`,
    [address],
  );
  return rows[0]?.pid;
}
