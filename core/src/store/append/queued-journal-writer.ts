/**
 * The writer of one run's journal, under one hold, on the queue of whichever store. Invariant:
 * numbers are given out in the order of `append` calls, each once, without a hole; entries become
 * durable in that order.
 */
import type { HoldfastError } from "../../errors/index.ts";
import { inlineValue, NOTHING, rowValue } from "../content/content.ts";
import { RecentLists } from "../content/recent-lists.ts";
import type { SessionState } from "../content/session.ts";
import type { NewEntry } from "../journal/entry.ts";
import type { Appended, JournalWriter, RunState } from "../journal/journal-writer.ts";
import { refuseUnstorable } from "../store-errors.ts";
import type { NewWait } from "../waits/wait.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Row, RowQueue, RowWeight, RunHold } from "./row.ts";

/** What a row weighs besides its texts, roughly. */
const ROW_BYTES = 256;

export class QueuedJournalWriter implements JournalWriter {
  readonly #hold: RunHold;
  readonly #queue: RowQueue;
  readonly #lists: RecentLists;
  #lastSeq: number;

  constructor(hold: RunHold, lastSeq: number, queue: RowQueue) {
    this.#hold = hold;
    this.#lastSeq = lastSeq;
    this.#queue = queue;
    this.#lists = new RecentLists(hold.cipher);
  }

  get runId(): string {
    return this.#hold.runId;
  }
  get spaceId(): string {
    return this.#hold.spaceId;
  }
  get epoch(): number {
    return this.#hold.epoch;
  }
  get lastSeq(): number {
    return this.#lastSeq;
  }
  get lost(): HoldfastError | undefined {
    return this.#hold.lost;
  }

  append(entry: NewEntry): Appended {
    const { cipher } = this.#hold;
    const { kind, name, scope, callId, hash } = entry;
    const names = { entry: entry.entry, kind, name, scope, callId, hash };
    refuseUnstorable(this.runId, { ...names, value: entry.value?.text });
    const list = entry.input === undefined ? null : this.#lists.listOf(entry.input);
    const value = rowValue(entry.value, cipher);
    this.#lastSeq += 1;
    const durable = this.#enqueue({
      into: "steps",
      seq: this.#lastSeq,
      entry: entry.entry,
      step: entry.step ?? null,
      kind: kind ?? null,
      name: name ?? null,
      scope: scope ?? null,
      callId: callId ?? null,
      hash: hash ?? null,
      overlapped: entry.overlapped ?? false,
      list,
      value,
    });
    return { seq: this.#lastSeq, durable };
  }

  putSession(slot: string, state: SessionState): Promise<void> {
    refuseUnstorable(this.runId, { slot, value: state.value?.text });
    const { cipher } = this.#hold;
    const list = state.items === undefined ? null : this.#lists.listOf(state.items);
    const value = rowValue(state.value, cipher);
    return this.#enqueue({ into: "sessions", slot, list, value }, state.patienceMs);
  }

  putState({ status, why, release = false, ...next }: RunState): Promise<void> {
    const { readyInMs = 0, heardUpTo = null } = next;
    refuseUnstorable(this.runId, { why, blocked: next.blocked });
    const value = inlineValue(why, this.#hold.cipher);
    // One that is over, above all, must not be made ready by those who look for what is blocked.
    const blocked = status === "waiting" ? (next.blocked ?? null) : null;
    const readiness = { readyInMs, heardUpTo, blocked };
    return this.#enqueue({ into: "runs", status, release, ...readiness, list: null, value });
  }

  openWait({ seq, kind, name, fingerprint, body, dueInMs }: NewWait): Promise<void> {
    refuseUnstorable(this.runId, { kind, name, fingerprint, body });
    const value = inlineValue(body, this.#hold.cipher);
    const asked = { seq, kind, name, fingerprint, dueInMs: dueInMs ?? null };
    return this.#enqueue({ into: "waits", ...asked, list: null, value });
  }

  closeWait(seq: number): Promise<void> {
    return this.#enqueue({ into: "closings", seq, list: null, value: NOTHING });
  }

  fingerprint(text: string): string {
    return fingerprint(this.#hold.cipher, text);
  }

  room(): Promise<void> {
    return this.#queue.room();
  }

  #enqueue(row: Row, patienceMs?: number): Promise<void> {
    const durable = this.#queue.append(this.#hold, row, weightOf(row), patienceMs);
    durable.catch(() => {}); // Whoever does not wait learns of it from `lost` or the next append.
    return durable;
  }
}

function weightOf({ list, value: { body, item } }: Row): RowWeight {
  const value = ROW_BYTES + (body?.length ?? 0) + (item?.text.length ?? 0);
  if (list === null) return { held: value, sent: value };
  const sum = (total: number, text: string) => total + text.length;
  return {
    held: list.texts.reduce(sum, value),
    sent: list.texts.slice(list.repeated).reduce(sum, value),
  };
}
