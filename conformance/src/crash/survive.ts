/** Lives a scenario through: process after process on one database, each dying where it is told. */
import { Runtime } from "@holdfast/core";
import { type Entry, idOfKey, newId, type Store } from "@holdfast/core/store";
import type { CrashDatabase } from "./crash-database.ts";
import type { CrashPoint } from "./crash-point.ts";
import { journalOf, printJournal } from "./journal-of.ts";
import { type MortalStore, mortalStore } from "./mortal-store.ts";
import { Outside } from "./outside.ts";
import { peopleAnswer } from "./people.ts";
import type { Scenario } from "./scenario.ts";

export type Ending =
  | { readonly is: "returned"; readonly output: unknown }
  | { readonly is: "threw"; readonly error: unknown };

export interface Survived {
  readonly ending: Ending;
  /** How many processes died. */
  readonly deaths: number;
  /** Of the last process. */
  readonly writes: number;
  readonly effects: number;
  readonly outside: Outside;
  readonly journal: readonly Entry[];
}

export interface SurviveOptions {
  readonly database: CrashDatabase;
  /** Where the first process dies, the second, and so on; the one after the last lives. */
  readonly crashes?: readonly CrashPoint[];
  /** How long one process may live. Default: 20 s. */
  readonly limitMs?: number;
}

/** Throws if a process neither dies nor ends in time, telling what the journal had by then. */
export async function survive(
  scenario: Scenario,
  { database, crashes = [], limitMs = 20_000 }: SurviveOptions,
): Promise<Survived> {
  // As a user names it: in a thread a run has another id besides.
  const runId = idOfKey("run", "default", newId());
  const outside = new Outside();
  const observer = await database.open();
  const happened = async (key: string) => outside.happened(key);
  const people = peopleAnswer({ scenario, store: observer, runId, happened, slow: true });
  try {
    for (let deaths = 0; ; deaths += 1) {
      const process = await begin(database, crashes[deaths]);
      const ending = await live(scenario, process, { runId, nth: deaths + 1, outside, limitMs });
      const journal = await journalOf(observer, runId);
      if (ending === "too long") throw tooLong(limitMs, journal);
      if (ending !== "died") {
        const { writes, effects } = process.store.life;
        await process.runtime.close({ grace: 0 });
        return { ending, deaths, writes, effects, outside, journal };
      }
      for (const worker of process.store.entered) await database.expire(worker);
      outside.processDied(journal);
    }
  } finally {
    await people.leave();
    await observer.close();
  }

  async function begin(database: CrashDatabase, dieAt: CrashPoint | undefined): Promise<Process> {
    const real = await database.open();
    const store = mortalStore(real, { dieAt });
    return { real, store, runtime: new Runtime({ hotPeriod: 0, ...scenario.options, store }) };
  }
}

interface Process {
  readonly real: Store;
  readonly store: MortalStore;
  readonly runtime: Runtime;
}

interface Circumstances {
  readonly runId: string;
  readonly nth: number;
  readonly outside: Outside;
  readonly limitMs: number;
}

async function live(
  scenario: Scenario,
  { real, store, runtime }: Process,
  { runId, nth, outside, limitMs }: Circumstances,
): Promise<Ending | "died" | "too long"> {
  const { life } = store;
  const effect = (key: string) => outside.effect(key, life);
  const happened = (key: string) => outside.happened(key);
  const ended: Promise<Ending> = scenario.run({ runtime, runId, nth, effect, happened }).then(
    (output) => ({ is: "returned", output }),
    (error: unknown) => ({ is: "threw", error }),
  );
  const { promise: late, resolve } = Promise.withResolvers<"too long">();
  const timer = setTimeout(() => resolve("too long"), limitMs);
  const died = life.died.then(() => "died" as const);
  const how = await Promise.race([ended, died, late]);
  clearTimeout(timer);
  if (how === "died" || how === "too long") {
    life.die();
    await life.settled();
    await real.close();
  }
  return how;
}

function tooLong(limitMs: number, journal: readonly Entry[]): Error {
  return new Error(`A process did not end within ${limitMs} ms.\n${printJournal(journal)}`);
}
