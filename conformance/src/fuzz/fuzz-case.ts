/** One case: a program, executed until it is through, with its process dying on the way. */
import { Execution, History } from "@holdfast/core/journal";
import {
  type Appended,
  type Entry,
  type JournalWriter,
  memoryDatabase,
  type NewEntry,
  newId,
  openMemoryStore,
} from "@holdfast/core/store";
import { Oracle } from "./oracle.ts";
import { play } from "./play.ts";
import type { Program } from "./program.ts";
import { Random } from "./random.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface FuzzCase {
  readonly program: Program;
  /** Decides jitter, durations and crashes. */
  readonly seed: number;
  readonly crashes: readonly Crash[];
}

/** The process dies at its n-th entry: before it is written, or after, before anyone learns of it. */
export interface Crash {
  readonly at: number;
  readonly when: "before" | "after";
}

export interface FuzzResult {
  readonly violations: readonly string[];
  readonly executions: number;
  readonly entries: number;
  readonly reordered: number;
  readonly journal: readonly Entry[];
}

/** Far more than any program takes, less than for ever. */
const LIMIT_MS = 60_000;
const COMMIT_MS = 3;

export async function runCase({ program, seed, crashes }: FuzzCase): Promise<FuzzResult> {
  const store = openMemoryStore(memoryDatabase());
  const { run } = await store.createRun({ runId: newId(), namespace: "fuzz", app: "program" });
  const oracle = new Oracle();
  let reordered = 0;
  let executions = 0;

  for (let nth = 1; ; nth += 1) {
    executions = nth;
    const time = new VirtualTime();
    const process = new MortalProcess(crashes[nth - 1], time);
    const writer = process.mortal(await store.takeOver(run.runId));
    const entries = await readAll(store.journal(run.runId));
    let stopped = false;
    const execution = new Execution({
      history: History.of(entries),
      writer,
      scheduler: time,
      reports: {
        diverged: ({ identity: { name, hash } }) => {
          stopped = true;
          if (!program.mayDiverge) oracle.stalled(`${name} "${hash}" was taken for a divergence`);
        },
        lost: () => oracle.stalled("lost the run to nobody"),
        waiting: () => oracle.stalled("waited for nobody"),
        replaced: () => oracle.stalled("a question was replaced where none was asked"),
        reordered: () => {
          reordered += 1;
          oracle.orderWasGivenUp();
        },
      },
    });
    const player = {
      execution,
      settle: () => {
        stopped = true;
        return new Promise<never>(() => {});
      },
      nth,
      time,
      oracle,
      random: new Random(seed * 31 + nth),
      pause: program.pause,
      failedTries: failedTries(entries),
      isAlive: () => process.alive,
    };
    let done = false;
    void execution
      .run(() => play(program, player))
      .then(() => {
        done = true;
      });
    await time.pass(() => done || stopped || !process.alive, LIMIT_MS);
    const died = !process.alive;
    process.alive = false;
    if (!died && !done && !stopped) oracle.stalled(`execution ${nth} came to a standstill`);
    if (!died || oracle.violations.length > 0) break;
  }

  const journal = await readAll(store.journal(run.runId));
  return { violations: oracle.violations, executions, entries: journal.length, reordered, journal };
}

async function readAll(entries: AsyncIterable<Entry>): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/** By place, how many tries the journal says have failed: the program's own way to count them. */
function failedTries(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { entry, scope = "" } of entries) {
    if (entry === "try failed") counts.set(scope, (counts.get(scope) ?? 0) + 1);
  }
  return counts;
}

/** A process with its way to the database: what it appends is on the way for a while, and may be lost. */
class MortalProcess {
  alive = true;
  #entries = 0;
  readonly #crash: Crash | undefined;
  readonly #time: VirtualTime;

  constructor(crash: Crash | undefined, time: VirtualTime) {
    this.#crash = crash;
    this.#time = time;
  }

  /** A writer that stops the world at the entry of the crash, and is silent ever after. */
  mortal(writer: JournalWriter): JournalWriter {
    let lastSeq = writer.lastSeq;
    return new Proxy(writer, {
      get: (target, property) => {
        if (property !== "append") return Reflect.get(target, property, target);
        return (entry: NewEntry): Appended => {
          lastSeq += 1;
          return { seq: lastSeq, durable: this.#send(target, entry) };
        };
      },
    });
  }

  async #send(writer: JournalWriter, entry: NewEntry): Promise<void> {
    await this.#time.sleep(COMMIT_MS);
    this.#entries += 1;
    const dies = this.#entries === this.#crash?.at;
    const written = this.alive && !(dies && this.#crash.when === "before");
    const durable = written ? writer.append(entry).durable : undefined;
    if (dies) this.alive = false;
    await (this.alive ? durable : new Promise(() => {}));
  }
}
