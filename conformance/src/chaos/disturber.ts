/**
 * What happens to the workers and the database while the runs go on: kills, drains, stops, outages. One
 * worker is stopped at a time, and lives until it has noticed.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../fuzz/random.ts";
import type { Fleet, WorkerProcess } from "./fleet.ts";
import { moment } from "./happening.ts";
import type { Observer } from "./observer.ts";
import type { PrivatePostgres } from "./private-postgres.ts";
import type { Sql } from "./sql.ts";

export interface DisturberParts {
  readonly random: Random;
  readonly fleet: Fleet;
  readonly observer: Observer;
  readonly postgres: PrivatePostgres;
  readonly sql: Sql;
  /** Of the workers. */
  readonly leaseMs: number;
  /** Milliseconds between two kills, on average. */
  readonly killEveryMs: number;
  readonly postgresKills: number;
  /** Of those, the share that takes longer than a lease. */
  readonly longOutages: number;
  /** How often a worker is stopped until it was buried. */
  readonly stops: number;
  /** How many steps there are in all. */
  readonly steps: number;
  violated(what: string): void;
}

/** One of so many kills is a SIGTERM. */
const DRAINS = 0.15;
const LONGEST_OUTAGE_MS = 2_000;
/** Of an outage that takes longer than the lease of workers: nobody is to be robbed for that. */
const BEYOND_LEASE_MS = 2_000;
/** How long a stopped worker may go unburied after its lease, and not notice it once it is awake. */
const LATE_MS = 15_000;

export class Disturber {
  readonly #parts: DisturberParts;
  kills = 0;
  drains = 0;
  postgresKills = 0;
  stops = 0;
  databaseIsDown = false;
  isOver = false;

  constructor(parts: DisturberParts) {
    this.#parts = parts;
  }

  /** Until `isOver` is set. */
  async disturb(): Promise<void> {
    await Promise.all([this.#goRound(), this.#disturbOnce()]);
  }

  /** One worker after the other. */
  async #goRound(): Promise<void> {
    const random = this.#parts.random;
    const { killEveryMs } = this.#parts;
    const going: Promise<unknown>[] = [];
    while (!this.isOver) {
      // As often as not sooner, sometimes much later: as what has no memory.
      await delay(-Math.log(1 - random.next()) * killEveryMs);
      const mortal = this.#mortal();
      const worker = mortal[random.below(Math.max(mortal.length, 1))];
      const isDrained = random.chance(DRAINS);
      if (this.isOver || worker === undefined) continue;
      if (isDrained && worker.isServing) going.push(this.#drain(worker));
      else going.push(this.#kill(worker));
    }
    await Promise.all(going);
  }

  /**
   * One that serves is left: where processes take longer to start than others let them live, nothing but
   * that would be tested.
   */
  #mortal(): readonly WorkerProcess[] {
    const awake = this.#parts.fleet.workers.filter(({ isSpared }) => !isSpared);
    const serving = awake.filter(({ isServing }) => isServing);
    return serving.length > 1 ? awake : awake.filter(({ isServing }) => !isServing);
  }

  async #kill(worker: WorkerProcess): Promise<void> {
    this.kills += 1;
    const gone = this.#parts.fleet.kill(worker);
    this.#parts.observer.killed(worker.pid, worker.going!.at);
    await gone;
  }

  async #drain(worker: WorkerProcess): Promise<void> {
    this.drains += 1;
    await this.#parts.fleet.drain(worker);
    this.#parts.observer.exited(worker.pid);
  }

  /** At certain points of the whole work: the database dies, and a worker is stopped. */
  async #disturbOnce(): Promise<void> {
    const random = this.#parts.random;
    const { postgresKills, stops, steps } = this.#parts;
    const events = [
      ...Array.from({ length: postgresKills }, () => () => this.#killPostgres()),
      ...Array.from({ length: stops }, () => () => this.#stopWorker()),
    ]
      .map((event) => ({ event, at: (0.05 + 0.6 * random.next()) * steps }))
      .sort((one, other) => one.at - other.at);
    for (const { event, at } of events) {
      while (!this.isOver && this.#parts.observer.returned < at) await delay(20);
      if (!this.isOver) await event();
    }
  }

  async #killPostgres(): Promise<void> {
    const { postgres } = this.#parts;
    this.postgresKills += 1;
    this.databaseIsDown = true;
    await postgres.kill();
    const { random, leaseMs, longOutages } = this.#parts;
    const isLong = random.chance(longOutages);
    await delay(isLong ? leaseMs + BEYOND_LEASE_MS : random.below(LONGEST_OUTAGE_MS));
    await postgres.start();
    await delay(500);
    this.databaseIsDown = false;
  }

  /** A worker that runs something is stopped until another has buried it, and a while longer. */
  async #stopWorker(): Promise<void> {
    const worker = await this.#busyWorker();
    if (worker === undefined) return;
    this.stops += 1;
    const { pid, child } = worker;
    const { leaseMs } = this.#parts;
    const from = moment();
    child.kill("SIGSTOP");
    try {
      while (await this.#isKnown(pid)) {
        const ms = moment() - from;
        if (ms > leaseMs + LATE_MS) {
          this.#parts.violated(`Process ${pid} was stopped, and after ${ms} ms not buried.`);
          return;
        }
        await delay(20);
      }
      const ms = moment() - from;
      // It had beaten at most a third of its lease before.
      if (ms < (leaseMs * 2) / 3 - 100) {
        this.#parts.violated(`Process ${pid} was buried ${ms} ms after it was stopped.`);
      }
      this.#parts.observer.disconnected(pid, from);
      await delay(this.#parts.random.below(1_000));
    } finally {
      child.kill("SIGCONT");
    }
    const since = moment();
    while (!this.#parts.observer.isBack(pid)) {
      if (moment() - since > LATE_MS) {
        this.#parts.violated(`Process ${pid} was buried, and goes on as if it were not.`);
        return;
      }
      await delay(20);
    }
    worker.isSpared = false;
  }

  async #busyWorker(): Promise<WorkerProcess | undefined> {
    while (!this.isOver) {
      for (const worker of this.#parts.fleet.workers) {
        worker.isSpared = true;
        if (this.#parts.observer.running(worker.pid) > 0 && (await this.#isKnown(worker.pid))) {
          return worker;
        }
        worker.isSpared = false;
      }
      await delay(5);
    }
    return undefined;
  }

  async #isKnown(pid: number): Promise<boolean> {
    const { rowCount } = await this.#parts.sql.query(
      "select from holdfast.workers where pid = $1",
      [pid],
    );
    return rowCount! > 0;
  }
}
