/**
 * One round of chaos: workers serve the runs while some of them are killed, drained, stopped, and the
 * database dies and comes back; then everything is judged. All that is random follows from the seed, but
 * not when the machine does what.
 */
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { Runtime } from "@holdfast/core";
import { openStore } from "@holdfast/core/store";
import { Random } from "../fuzz/random.ts";
import { Disturber } from "./disturber.ts";
import { isExpected } from "./expected.ts";
import { Fleet } from "./fleet.ts";
import { moment } from "./happening.ts";
import { Observer, stepKey } from "./observer.ts";
import { People } from "./people.ts";
import type { PrivatePostgres } from "./private-postgres.ts";
import { APP, type Program, partsOf, randomProgram } from "./program.ts";
import { checkRecords, Progress, type RecordCounts, stuckRuns } from "./records.ts";
import { openSql, type Sql } from "./sql.ts";

export interface RoundOptions {
  readonly seed: number;
  readonly postgres: PrivatePostgres;
  /** A database of its own, which is there. */
  readonly database: string;
  readonly workers: number;
  readonly runs: number;
  readonly steps: number;
  /** Of the workers, in milliseconds. */
  readonly leaseMs: number;
  /** Milliseconds between two kills, on average. */
  readonly killEveryMs: number;
  readonly postgresKills: number;
  /** Of those, the share that takes longer than a lease. */
  readonly longOutages: number;
  /** How often a worker is stopped until it was buried. */
  readonly stops: number;
  /** Milliseconds without anything happening after which the round is given up. */
  readonly patienceMs: number;
}

export interface RoundCounts extends RecordCounts {
  readonly runs: number;
  readonly steps: number;
  readonly bodies: number;
  readonly repeated: number;
  readonly answers: number;
  readonly kills: number;
  readonly drains: number;
  readonly postgresKills: number;
  readonly stops: number;
  /** Of bodies that were killed: until they were begun again. */
  readonly takeoversMs: readonly number[];
  readonly ms: number;
}

export interface RoundResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly counts: RoundCounts;
  /** What the workers said in their logs, how often. */
  readonly said: ReadonlyMap<string, number>;
}

export async function chaosRound(options: RoundOptions): Promise<RoundResult> {
  const { sql, close } = await openSql(options.postgres.url(options.database));
  const round = new Round(options, sql);
  try {
    return await round.play();
  } finally {
    await round.clear();
    await close();
  }
}

const LOOK_MS = 250;

class Round {
  readonly #options: RoundOptions;
  readonly #random: Random;
  readonly #programs: readonly Program[];
  readonly #observer: Observer;
  readonly #fleet: Fleet;
  readonly #sql: Sql;
  readonly #runtime: Runtime;
  readonly #people: People;
  readonly #progress = new Progress();
  readonly #violations: string[] = [];
  readonly #disturber: Disturber;
  #isOver = false;

  constructor(options: RoundOptions, sql: Sql) {
    const { seed, postgres, database, workers, runs, steps } = options;
    this.#sql = sql;
    this.#options = options;
    const random = new Random(seed);
    this.#random = random;
    this.#programs = Array.from({ length: runs }, (_, nth) =>
      randomProgram(random, `run ${nth + 1}`, steps),
    );
    this.#observer = new Observer(
      new Set(
        this.#programs.flatMap(({ run, parts }) =>
          partsOf(parts, "step").flatMap(({ id, once }) => (once ? [stepKey(run, id)] : [])),
        ),
      ),
    );
    const url = postgres.url(database);
    this.#runtime = new Runtime({ database: url });
    this.#people = new People({ sql, runtime: this.#runtime, random: new Random(seed + 1) });
    const violated = (what: string) => void this.#violations.push(what);
    this.#fleet = new Fleet({
      size: workers,
      url,
      order: () => ({
        concurrency: 8 + random.below(25),
        options: { hotPeriod: random.pick([0, 100]), lease: options.leaseMs },
      }),
      hear: (pid, told) => this.#observer.hear(pid, told),
      violated,
    });
    const { leaseMs, killEveryMs, postgresKills, longOutages, stops } = options;
    this.#disturber = new Disturber({
      random,
      fleet: this.#fleet,
      observer: this.#observer,
      postgres,
      sql,
      leaseMs,
      killEveryMs,
      postgresKills,
      longOutages,
      stops,
      steps: this.#programs.flatMap(({ parts }) => partsOf(parts, "step")).length,
      violated,
    });
  }

  async play(): Promise<RoundResult> {
    const began = performance.now();
    // Makes the schema, before anybody dies.
    await this.#runtime.runs.list();
    this.#people.come();
    await this.#fleet.open();
    const chaos = [this.#startRuns(), this.#disturber.disturb()];
    try {
      await this.#untilDone();
    } finally {
      this.#stop();
      await Promise.all(chaos);
    }
    const ms = performance.now() - began;
    await this.#people.leave();
    await this.#end();
    await this.#explainFailures();
    const counts = this.violations.length === 0 ? await this.#checkEnd() : NO_RECORDS;
    this.#observer.conclude();
    return { seed: this.#options.seed, violations: this.violations, ...this.#summary(counts, ms) };
  }

  async clear(): Promise<void> {
    this.#stop();
    await this.#people.leave();
    this.#fleet.destroy();
    await this.#runtime.close({ grace: 0 });
  }

  #stop(): void {
    this.#isOver = true;
    this.#disturber.isOver = true;
  }

  get violations(): readonly string[] {
    const { violations } = this.#observer;
    return [
      ...violations,
      ...this.#violations,
      ...this.#progress.violations,
      ...this.#people.violations,
    ];
  }

  #summary(records: RecordCounts, ms: number): Pick<RoundResult, "counts" | "said"> {
    const { bodies, repeated } = this.#observer.counts;
    const { takeoversMs, said, returned: steps } = this.#observer;
    const { kills, drains, postgresKills, stops } = this.#disturber;
    let answers = 0;
    for (const count of this.#people.answers.values()) answers += count;
    const counts: RoundCounts = {
      ...records,
      runs: this.#progress.completed,
      steps,
      bodies,
      repeated,
      answers,
      kills,
      drains,
      postgresKills,
      stops,
      takeoversMs,
      ms,
    };
    return { counts, said };
  }

  /** Through outages: to start a run twice starts one. */
  async #startRuns(): Promise<void> {
    for (const program of this.#programs) {
      const durable = { runId: program.run };
      const isEarly = this.#random.chance(0.3);
      const early = isEarly ? partsOf(program.parts, "signal") : [];
      await this.#insist(async () => {
        const handle = await this.#runtime.start(APP, program, { durable });
        for (const { id } of early) await this.#people.tellSignal(handle.id, id);
      });
    }
  }

  async #insist(act: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      try {
        return await act();
      } catch (error) {
        if ((error as { code?: string }).code === "RUN_OVER") return;
        if (!this.#disturber.databaseIsDown)
          this.#violations.push(`A run could not be started: ${error}`);
        await delay(100);
      }
    }
  }

  async #untilDone(): Promise<void> {
    const { runs, patienceMs } = this.#options;
    const total = runs + this.#programs.flatMap(({ parts }) => partsOf(parts, "detached")).length;
    const began = moment();
    for (;;) {
      await this.#progress.look(this.#sql).catch(() => {});
      const hasAll = this.#progress.runs >= total;
      if (
        this.violations.length > 0 ||
        (hasAll && this.#progress.completed === this.#progress.runs)
      )
        break;
      const idleMs = moment() - Math.max(this.#observer.lastStepAt, began);
      if (idleMs > patienceMs) {
        const stuck = await stuckRuns(this.#sql).catch(String);
        this.#violations.push(`Nothing has happened for ${Math.round(idleMs)} ms.\n${stuck}`);
        break;
      }
      await delay(LOOK_MS);
    }
    if (this.#progress.runs > total) {
      this.#violations.push(`There are ${this.#progress.runs} runs, not ${total}.`);
    }
  }

  async #end(): Promise<void> {
    const { workers } = this.#fleet;
    const exits = await this.#fleet.close();
    workers.forEach(({ pid }, nth) => {
      const { code, signal } = exits[nth]!;
      this.#observer.exited(pid);
      if (signal !== "SIGTERM") {
        this.#violations.push(`Process ${pid} was drained, and ended with ${code ?? signal}.`);
      }
    });
  }

  /** For people: how runs have failed. */
  async #explainFailures(): Promise<void> {
    for (const runId of this.#progress.failed) {
      const handle = this.#runtime.handle(runId);
      await handle.result().catch((error: unknown) => {
        this.#violations.push(`Run ${runId} has failed: ${inspect(error)}`);
      });
    }
  }

  async #checkEnd(): Promise<RecordCounts> {
    const { postgres, database } = this.#options;
    for (const { run, parts } of this.#programs) {
      const output = await this.#runtime.handle(run).result();
      if (isExpected(output, parts, (id) => this.#observer.valueOf(run, id))) continue;
      this.#violations.push(`"${run}" has come to ${JSON.stringify(output)}.`);
    }
    const store = await openStore({ database: postgres.url(database) });
    try {
      const { violations, counts } = await checkRecords(this.#sql, store);
      this.#violations.push(...violations);
      return counts;
    } finally {
      await store.close();
    }
  }
}

const NO_RECORDS: RecordCounts = { entries: 0, attempts: 0, restarted: 0 };
