/** The writer of a process that can die. A dead one goes on numbering entries that nobody will see. */
import type {
  Appended,
  JournalWriter,
  NewEntry,
  NewWait,
  RunState,
  SessionState,
} from "@holdfast/core/store";
import type { Mortality } from "./mortality.ts";

export class MortalWriter implements JournalWriter {
  readonly #writer: JournalWriter;
  readonly #life: Mortality;
  #unwritten = 0;

  constructor(writer: JournalWriter, life: Mortality) {
    this.#writer = writer;
    this.#life = life;
  }

  get runId(): string {
    return this.#writer.runId;
  }
  get spaceId(): string {
    return this.#writer.spaceId;
  }
  get epoch(): number {
    return this.#writer.epoch;
  }
  get lastSeq(): number {
    return this.#writer.lastSeq + this.#unwritten;
  }
  get lost(): JournalWriter["lost"] {
    return this.#life.isDead ? undefined : this.#writer.lost;
  }

  append(entry: NewEntry): Appended {
    let seq: number | undefined;
    const durable = this.#write(() => {
      const appended = this.#writer.append(entry);
      seq = appended.seq;
      return appended.durable;
    });
    if (seq === undefined) this.#unwritten += 1;
    return { seq: seq ?? this.lastSeq, durable };
  }

  putSession(slot: string, state: SessionState): Promise<void> {
    return this.#write(() => this.#writer.putSession(slot, state));
  }
  putState(state: RunState): Promise<void> {
    return this.#write(() => this.#writer.putState(state));
  }
  openWait(wait: NewWait): Promise<void> {
    return this.#write(() => this.#writer.openWait(wait));
  }
  closeWait(seq: number): Promise<void> {
    return this.#write(() => this.#writer.closeWait(seq));
  }
  room(): Promise<void> {
    return this.#life.pass(() => this.#writer.room());
  }
  fingerprint(text: string): string {
    return this.#writer.fingerprint(text);
  }

  #write(call: () => Promise<void>): Promise<void> {
    const durable = this.#life.write(call);
    durable.catch(() => {}); // As in the writer itself: not everybody awaits it.
    return durable;
  }
}
