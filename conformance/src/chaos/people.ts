/**
 * Answers what the runs of the chaos ask: approves, tells signals (some before anybody waits for them, some
 * twice), and settles steps of which nobody knows how they ended. Goes on through every outage.
 */
import { setTimeout as delay } from "node:timers/promises";
import { HoldfastError, type Runtime } from "@holdfast/core";
import type { Random } from "../fuzz/random.ts";
import { SETTLED, TOLD } from "./expected.ts";
import type { Sql } from "./sql.ts";

export interface PeopleOptions {
  readonly sql: Sql;
  readonly runtime: Runtime;
  readonly random: Random;
}

interface OpenWait {
  readonly run_id: string;
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
}

const LOOK_MS = 50;
/** Of answers at one look, so that some runs wait for longer. */
const SHARE = 0.5;
const OPEN_WAITS = `
  select run_id, seq, kind, name from holdfast.waits
  where closed_at is null and kind in ('approval', 'signal', 'doubt') order by opened_at`;
/** The question has gone, or somebody else was faster: the next look tells. */
const PASSED = new Set(["WAIT_NOT_OPEN", "RUN_OVER"]);

export class People {
  readonly #options: PeopleOptions;
  readonly #answered = new Set<string>();
  #isLeft = false;
  #looking: Promise<void> | undefined;
  /** How many questions they have answered, by kind. */
  readonly answers: Map<string, number> = new Map();
  readonly violations: string[] = [];

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  come(): void {
    this.#looking ??= this.#look();
  }

  async leave(): Promise<void> {
    this.#isLeft = true;
    await this.#looking;
  }

  /** Tells a signal, as often as it is told: it counts once. */
  async tellSignal(runId: string, name: string): Promise<void> {
    await this.#options.runtime.handle(runId).signal(name, TOLD, { key: name });
  }

  async #look(): Promise<void> {
    const { sql, random } = this.#options;
    while (!this.#isLeft) {
      try {
        const { rows } = await sql.query<OpenWait>(OPEN_WAITS);
        const news = rows.filter(({ run_id, seq }) => !this.#answered.has(`${run_id} ${seq}`));
        await Promise.all(
          news.filter(() => random.chance(SHARE)).map((wait) => this.#answer(wait)),
        );
      } catch {
        // The database is down.
      }
      await delay(LOOK_MS);
    }
  }

  async #answer(wait: OpenWait): Promise<void> {
    const { random } = this.#options;
    try {
      await this.#say(wait);
      if (random.chance(0.2)) await this.#say(wait);
    } catch (error) {
      if (!HoldfastError.is(error) || !PASSED.has(error.code)) {
        // It may have been said, and the answer was lost: it is said once more.
        if (!isOutage(error)) this.violations.push(`${wait.kind} "${wait.name}": ${error}`);
        return;
      }
    }
    this.#answered.add(`${wait.run_id} ${wait.seq}`);
    this.answers.set(wait.kind, (this.answers.get(wait.kind) ?? 0) + 1);
  }

  async #say({ run_id: runId, seq, kind, name }: OpenWait): Promise<void> {
    const handle = this.#options.runtime.handle(runId);
    if (kind === "approval") return handle.approve(seq, { by: "ana" });
    if (kind === "signal") return this.tellSignal(runId, name);
    const doubt = (await handle.waits()).find(({ id }) => id === seq);
    const { step } = (doubt?.asked ?? {}) as { readonly step?: number };
    if (step !== undefined) await handle.settle(step, { result: `${name}: ${SETTLED}` });
  }
}

function isOutage(error: unknown): boolean {
  return HoldfastError.is(error)
    ? error.code === "STORE_UNAVAILABLE" || error.code === "DATABASE_UNREACHABLE"
    : /ECONNREFUSED|ECONNRESET|Connection terminated|57P0|the database system is|timeout/i.test(
        String((error as { code?: string }).code ?? "") + String(error),
      );
}
