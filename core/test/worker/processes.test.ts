import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import { type RunHandle, Runtime, step } from "../../src/index.ts";
import { LEASE_MS } from "../../src/worker/membership.ts";
import { testDatabase } from "../support/test-database.ts";
import type { Task } from "./fixtures/process.ts";
import { type Process, processesOn } from "./processes.ts";

const database = testDatabase();
const start = processesOn(database.url);
const client = new Runtime({ database: database.url });
afterAll(() => client.close());

/** Serves in a queue of the test's own. */
const worker = (queue: string, task: Task = {}): Process =>
  start({ ...task, serve: { queues: [queue], ...task.serve } });

const order = (queue: string, input: object, app = "slow"): Promise<RunHandle> =>
  client.start(app, input, { durable: { queue } });

const untilStatus = (run: RunHandle, status: string) =>
  vi.waitUntil(async () => (await run.status()).status === status, {
    timeout: 10_000,
    interval: 5,
  });

async function epochOf({ id }: RunHandle): Promise<number> {
  const { rows } = await database.pool.query<{ epoch: number }>(
    "select epoch from holdfast.runs where run_id = $1",
    [id],
  );
  return rows[0]!.epoch;
}

const times = (processes: readonly Process[], event: string, n: number): number =>
  processes.flatMap(({ said }) => said).filter((each) => each.event === event && each.n === n)
    .length;

describe("a process that is told to end", () => {
  it("lets the steps end that are under way, hands the rest over, and ends by the signal", async () => {
    const queue = "drain";
    const [leaving, other] = [worker(queue), worker(queue, { onCue: true })];
    await Promise.all([leaving.says("serving"), other.says("ready")]);
    const [busy, waiting] = [
      await order(queue, { ms: 700, n: 1 }),
      await order(queue, { n: 2 }, "asks"),
    ];
    await leaving.says("begun", { n: 1 });
    await untilStatus(waiting, "waiting");
    leaving.kill("SIGTERM");
    other.cue();
    expect(await leaving.ended).toBe("SIGTERM");
    const gone = performance.now();
    await waiting.approve();
    expect(await Promise.all([busy.result(), waiting.result()])).toEqual([1, 2]);
    expect(performance.now() - gone).toBeLessThan(LEASE_MS - 1_000);
    for (const n of [1, 2]) {
      for (const event of ["begun", "ended", "after"]) {
        expect(times([leaving, other], event, n)).toBe(1);
      }
    }
    expect([times([leaving], "ended", 1), times([other], "after", 1)]).toEqual([1, 1]);
    expect(times([leaving], "aborted", 1)).toBe(0);
    expect(await leaving.errors).toBe("");
  });

  it("twice is gone at once, and what it did is taken up by another", async () => {
    const queue = "twice";
    const [leaving, other] = [worker(queue), worker(queue, { onCue: true })];
    await Promise.all([leaving.says("serving"), other.says("ready")]);
    const run = await order(queue, { ms: 2_000, n: 1 });
    await leaving.says("begun");
    other.cue();
    await other.says("serving");
    leaving.kill("SIGTERM");
    await sleep(100);
    expect(leaving.child.exitCode ?? leaving.child.signalCode).toBeNull();
    leaving.kill("SIGTERM");
    const killed = performance.now();
    expect(await leaving.ended).toBe("SIGTERM");
    await other.says("begun", { n: 1 });
    expect(performance.now() - killed).toBeLessThan(LEASE_MS - 1_000);
    expect(await run.result()).toBe(1);
    expect(await epochOf(run)).toBe(2);
  });

  it("while it is idle, and has two runtimes that serve, ends at once and leaves no worker behind", async () => {
    const idle = worker("idle", { serveToo: "idle too" });
    await idle.says("serving too");
    const serving = "select from holdfast.workers where serves like '%idle%'";
    expect((await database.pool.query(serving)).rowCount).toBe(2);
    const told = performance.now();
    idle.kill("SIGINT");
    expect(await idle.ended).toBe("SIGINT");
    expect(performance.now() - told).toBeLessThan(LEASE_MS - 1_000);
    expect((await database.pool.query(serving)).rowCount).toBe(0);
  });

  it("drains every runtime it has before it ends", async () => {
    const both = worker("both", { serveToo: "both too" });
    await both.says("serving too");
    const runs = [
      await order("both", { ms: 100, n: 1 }),
      await order("both too", { ms: 700, n: 2 }),
    ];
    await Promise.all([1, 2].map((n) => both.says("begun", { n })));
    both.kill("SIGTERM");
    expect(await both.ended).toBe("SIGTERM");
    for (const n of [1, 2]) expect(times([both], "ended", n)).toBe(1);
    expect((await runs[1]!.status()).why).toMatchObject({ reason: "no worker" });
  });

  it("ends as it likes if it has something of its own to do then", async () => {
    const own = worker("own", { exitCode: 7 });
    await own.says("serving");
    await order("own", { ms: 300, n: 1 });
    await own.says("begun");
    own.kill("SIGTERM");
    expect(await own.ended).toBe(7);
    expect(times([own], "ended", 1)).toBe(1);
  });

  it("in the middle of many runs loses none, and does nothing twice", async () => {
    const queue = "many";
    const runs = await Promise.all(
      Array.from({ length: 200 }, (_, n) => order(queue, { ms: 10, n })),
    );
    const serve = { queues: [queue], concurrency: 4 };
    const [leaving, other] = [start({ serve }), start({ serve, onCue: true })];
    await Promise.all([leaving.says("ended", { n: 3 }), other.says("ready")]);
    leaving.kill("SIGTERM");
    other.cue();
    expect(await leaving.ended).toBe("SIGTERM");
    const results = await Promise.all(runs.map((run) => run.result()));
    expect(results).toEqual(runs.map((_, n) => n));
    const processes = [leaving, other];
    for (const n of results as number[]) {
      expect([times(processes, "begun", n), times(processes, "after", n)]).toEqual([1, 1]);
    }
    expect(times([leaving], "begun", 199)).toBe(0);
  });
});

describe("a worker that dies", () => {
  it("by SIGKILL is found by another on its host, in about a second", async () => {
    const queue = "killed";
    const [dying, other] = [worker(queue), worker(queue)];
    await Promise.all([dying.says("serving"), other.says("serving")]);
    const runs = await Promise.all([1, 2].map((n) => order(queue, { ms: 1_000, n })));
    const begun = () =>
      [dying, other].some((each) => each.said.some(({ event }) => event === "begun"));
    await expect.poll(begun).toBe(true);
    const [dead, living] = times([dying], "begun", 1) > 0 ? [dying, other] : [other, dying];
    dead.kill("SIGKILL");
    const killed = performance.now();
    await living.says("begun", { n: 1 });
    expect(performance.now() - killed).toBeLessThan(LEASE_MS - 1_000);
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual([1, 2]);
  });

  it("only seemingly, stopped for longer than its lease, lets go when it wakes, and serves again", async () => {
    const lease = 1_000;
    const stopped = start({ lease, serve: { queues: ["stopped", "only here"] } });
    const other = worker("stopped", { lease, onCue: true });
    await Promise.all([stopped.says("serving"), other.says("ready")]);
    const run = await order("stopped", { ms: 2_000, n: 1 });
    await stopped.says("begun", { n: 1 });
    other.cue();
    await other.says("serving");
    const asked = performance.now();
    stopped.kill("SIGSTOP");
    await other.says("begun", { n: 1 });
    // Neither its process nor its session is gone: only its lease says so.
    expect(performance.now() - asked).toBeGreaterThan(lease / 2);
    expect(await epochOf(run)).toBe(2);
    stopped.kill("SIGCONT");
    await stopped.says("aborted", { n: 1 });
    expect(stopped.said.some(({ message }) => String(message).includes("was taken for dead"))).toBe(
      true,
    );
    expect(await run.result()).toBe(1);
    expect(times([other], "after", 1)).toBe(1);
    expect(times([stopped], "after", 1)).toBe(0);
    expect(await epochOf(run)).toBe(2);
    const steps = await run.steps();
    expect(steps.map(({ status }) => status)).toEqual(["finished", "finished"]);
    const next = await order("only here", { n: 3 });
    expect(await next.result()).toBe(3);
    expect(times([stopped], "after", 3)).toBe(1);
  });
});

describe("a worker that lives keeps its runs", () => {
  it("though its main loop stands still for longer than its lease, and its session is ended again and again", async () => {
    const queue = "blocked";
    const lease = 3_000;
    const [blocked, other] = [worker(queue, { lease }), worker(queue, { lease, onCue: true })];
    await Promise.all([blocked.says("serving"), other.says("ready")]);
    const runs = [
      await order(queue, { ms: 8_000, blocks: true, n: 1 }),
      await order(queue, { ms: 50, n: 2 }),
    ];
    await blocked.says("begun", { n: 1 });
    other.cue();
    await other.says("serving");
    const ends = sleep(8_000);
    let isOver = false;
    void ends.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'holdfast session' and datname = current_database()`,
      );
      await sleep(700);
    }
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual([1, 2]);
    expect(await Promise.all(runs.map(epochOf))).toEqual([1, 1]);
    expect(times([blocked], "ended", 1)).toBe(1);
  });
});

describe("a process ends by itself", () => {
  it("when it has started a run by name, and when it has the result it awaits", async () => {
    const starting = start({ start: "slow", silent: true });
    expect(await starting.ended).toBe(0);
    expect([starting.said, await starting.errors]).toEqual([[], ""]);
    const run = await order("awaited", { n: 5 });
    const awaiting = start({ result: run.id });
    await awaiting.says("awaiting");
    await sleep(300);
    expect(awaiting.child.exitCode).toBeNull();
    const serving = worker("awaited", { drainAfter: 1, silent: true });
    expect(await awaiting.ended).toBe(0);
    expect(awaiting.said.at(-1)).toMatchObject({ event: "result", result: 5 });
    // One that serves stays, until it is drained; and says nothing but to its logger.
    expect(await serving.ended).toBe(0);
    expect([serving.said, await serving.errors]).toEqual([[], ""]);
  });
});

it("of a worker and whoever runs an id in its own runtime, one does it, and both have its end", async () => {
  const runtime = new Runtime({ database: database.url });
  let bodies = 0;
  const pays = async (n: number) =>
    step("pay", async () => {
      bodies += 1;
      await sleep(300);
      return n + bodies;
    });
  await runtime.serve({ pays }, { queues: ["own"], signals: false });
  const run = await client.start("pays", 1, { durable: { queue: "own" } });
  await expect.poll(() => bodies).toBe(1);
  const asked = runtime.run(pays, 1, { durable: { runId: run.id } });
  expect(await Promise.all([asked, run.result()])).toEqual([2, 2]);
  expect(await epochOf(run)).toBe(1);
  await runtime.close();
});

it("of two processes that run one id, one does it, and both have its end", async () => {
  const both = [start({ run: "one run" }), start({ run: "one run" })];
  expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
  for (const { said } of both) expect(said.at(-1)).toMatchObject({ result: 7 });
  expect(times(both, "begun", 7)).toBe(1);
});
