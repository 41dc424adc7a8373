/**
 * Everybody outside the run: people who decide, programs that signal, clocks. They do so whenever they
 * like: at once, late, while no process has the run, twice, at the very moment a question falls due.
 */
import { waitKey } from "@holdfast/core/run";
import type { Control, MemoryDatabase, NewControl, NewWait, Store } from "@holdfast/core/store";
import { openMemoryStore } from "@holdfast/core/store";
import type { Oracle } from "./oracle.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A step that nobody knows the end of is the business of a question of this kind. */
const DOUBT = "doubt";
/** It takes up to this long until what is said is heard. */
const HEARD_WITHIN_MS = 200;

interface OutsideParts {
  readonly runId: string;
  readonly database: MemoryDatabase;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly oracle: Oracle;
}

export class Outside {
  readonly #runId: string;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #oracle: Oracle;
  readonly #store: Store;
  #listeners = new Set<{ after: number; readonly hear: (control: Control) => void }>();
  /** What was ordered last, if it still holds. */
  isPaused = false;
  isCancelled = false;
  /** The number of the newest message. */
  newest = 0;
  #signals = 0;
  #orders = 0;

  constructor({ runId, database, time, random, oracle }: OutsideParts) {
    this.#runId = runId;
    this.#time = time;
    this.#random = random;
    this.#oracle = oracle;
    this.#store = openMemoryStore(database);
  }

  /** Tells what is said after a number, each once and in order, a little later. */
  listen(after: number, hear: (control: Control) => void): () => void {
    const listener = { after, hear };
    this.#listeners.add(listener);
    this.#lookSoon();
    return () => this.#listeners.delete(listener);
  }

  /** A process has died: it hears nothing. */
  forget(): void {
    this.#listeners.clear();
  }

  /** Says something for a process of the run. */
  async say(message: NewControl): ReturnType<Store["say"]> {
    const said = await this.#store.say(this.#runId, message);
    if (said.won) {
      this.newest = said.control.seq;
      this.#heed(said.control);
      this.#oracle.said(said.control);
      this.#lookSoon();
    }
    return said;
  }

  /** Signals that come whether or not anybody waits for them yet. */
  signalSometime(name: string): void {
    if (this.#random.chance(0.5)) this.signal(name);
  }

  pause(forMs: number): void {
    this.#orders += 1;
    void this.say({ key: `pause/${this.#orders}`, kind: "pause", author: "somebody" });
    const key = `resume/${this.#orders}`;
    this.#time.after(forMs, () => void this.say({ key, kind: "resume" }));
  }

  cancel(): void {
    void this.say({ key: "cancel", kind: "cancel", value: '"not needed"' });
  }

  /** The run had failed and is to go on: that it was to be cancelled before is of no account. */
  letGoOn(): void {
    this.isCancelled = false;
  }

  /** Whoever waits for one shall get one, though another took the one that was meant. */
  signal(name: string): void {
    this.#signalIn(this.#patience(), name);
  }

  /** A question was written down: sooner or later somebody answers it. */
  opened(wait: NewWait): void {
    const { seq, kind, name, dueInMs } = wait;
    this.#oracle.opened(wait, this.#time.now);
    if (kind === "timer") return;
    // Whoever is answered as due may never be answered otherwise.
    if (dueInMs !== undefined && kind !== "signal" && this.#random.chance(0.3)) return;
    const atDue = dueInMs !== undefined && this.#random.chance(0.3);
    const ms = atDue ? dueInMs + this.#random.below(3) - 1 : this.#patience();
    if (kind === "signal") {
      this.#signalIn(ms, name);
      return;
    }
    this.#decideIn(ms, wait);
    if (this.#random.chance(0.2)) this.#decideIn(ms + this.#random.below(3), wait);
    if (this.#random.chance(0.1)) this.#decideIn(this.#patience(), { ...wait, seq });
  }

  #heed({ kind }: Control): void {
    if (kind === "pause") this.isPaused = true;
    if (kind === "resume") this.isPaused = false;
    if (kind === "cancel") this.isCancelled = true;
  }

  #decideIn(ms: number, { seq, kind, name, fingerprint }: NewWait): void {
    this.#time.after(ms, () => {
      const value = kind === DOUBT ? this.#settlement(fingerprint) : this.#word(name);
      void this.say({
        key: waitKey(seq),
        kind: "decision",
        value: JSON.stringify(value),
        author: "somebody",
        on: { wait: seq, while: "open", fingerprint },
      });
    });
  }

  #settlement(input: string): unknown {
    const is = this.#random.pick(["done", "retry", "failed"] as const);
    if (is === "retry") return { is };
    return is === "done" ? { is, result: { input, settled: true } } : { is, note: "not done" };
  }

  #word(name: string): unknown {
    return { approved: this.#random.chance(0.5), note: `${name} ${this.#random.next()}` };
  }

  #signalIn(ms: number, name: string): void {
    this.#signals += 1;
    const key = `signal/${name}/${this.#signals}`;
    const tell = () =>
      void this.say({ key, kind: "signal", name, value: JSON.stringify(this.#word(name)) });
    this.#time.after(ms, tell);
    // With its key it is told once, however often it is told.
    if (this.#random.chance(0.2)) this.#time.after(ms + this.#random.below(2_000), tell);
  }

  #patience(): number {
    const longest = this.#random.pick([20, 500, 9_000, 60_000, 60_000]);
    return this.#random.chance(0.03) ? 86_400_000 : this.#random.below(longest);
  }

  #lookSoon(): void {
    const ms = this.#random.chance(0.3) ? 0 : this.#random.below(HEARD_WITHIN_MS);
    this.#time.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    for (const listener of this.#listeners) {
      const { after } = listener;
      for (const { control } of await this.#store.heard([{ runId: this.#runId, after }])) {
        if (control.seq <= listener.after || !this.#listeners.has(listener)) continue;
        listener.after = control.seq;
        listener.hear(control);
      }
    }
  }
}
