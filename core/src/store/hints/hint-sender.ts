/**
 * Tells other processes that something may have happened: collected, and said at most twenty times a
 * second, in statements of their own. A NOTIFY within the transaction that it tells of would make
 * commits wait for each other. Invariant: nothing depends on a hint; one that cannot be sent is dropped.
 */
import type { Pool } from "pg";
import type { Hint } from "./hint.ts";

export const CHANNEL = "holdfast";
const NOTIFY = { name: "holdfast_notify_1", text: "select pg_notify($1, $2)" };

const EVERY_MS = 50;
/** Postgres takes less than 8000 bytes; an id is 36 and a name should be no more than a few hundred. */
const MOST_BYTES = 7_000;

type Topic = keyof Hint;
const TOPICS: readonly Topic[] = ["ready", "said", "moved"];

export class HintSender {
  readonly #control: Pool;
  readonly #listeners = new Set<(hint: Hint) => void>();
  readonly #waiting: Readonly<Record<Topic, Set<string>>> = {
    ready: new Set(),
    said: new Set(),
    moved: new Set(),
  };
  #timer: NodeJS.Timeout | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(control: Pool) {
    this.#control = control;
  }

  /** Those of this process are told at once. */
  listen(hear: (hint: Hint) => void): () => void {
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }

  /** Others of this process, and soon those of others. */
  say(topic: Topic, subject: string): void {
    this.#tell({ [topic]: [subject] });
    this.#waiting[topic].add(subject);
    const inMs = Math.max(this.#sentAt + EVERY_MS - performance.now(), 0);
    this.#timer ??= setTimeout(() => void this.#send(), inMs).unref();
  }

  /** What another process said. */
  heard(payload: string): void {
    const hint = parse(payload);
    if (hint !== undefined) this.#tell(hint);
  }

  stop(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#send();
  }

  #tell(hint: Hint): void {
    for (const hear of [...this.#listeners]) hear(hint);
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    this.#sentAt = performance.now();
    for (const payload of this.#payloads()) {
      await this.#control.query({ ...NOTIFY, values: [CHANNEL, payload] }).catch(() => {});
    }
  }

  #payloads(): readonly string[] {
    const payloads: string[] = [];
    let next: Partial<Record<Topic, string[]>> = {};
    let bytes = 0;
    for (const topic of TOPICS) {
      for (const subject of this.#waiting[topic]) {
        const weight = Buffer.byteLength(JSON.stringify(subject)) + 1;
        if (bytes + weight > MOST_BYTES && bytes > 0) {
          payloads.push(JSON.stringify(next));
          next = {};
          bytes = 0;
        }
        // One that is too long for any payload is left to those who look by themselves.
        if (weight > MOST_BYTES) continue;
        next[topic] = [...(next[topic] ?? []), subject];
        bytes += weight;
      }
      this.#waiting[topic].clear();
    }
    if (bytes > 0) payloads.push(JSON.stringify(next));
    return payloads;
  }
}

/** Anybody may notify the channel. */
function parse(payload: string): Hint | undefined {
  try {
    const hint: unknown = JSON.parse(payload);
    if (typeof hint !== "object" || hint === null) return undefined;
    const isList = (list: unknown) =>
      Array.isArray(list) && list.every((subject) => typeof subject === "string");
    const known = Object.entries(hint).filter(
      ([topic, list]) => TOPICS.some((name) => name === topic) && isList(list),
    );
    return Object.fromEntries(known);
  } catch {
    return undefined;
  }
}
