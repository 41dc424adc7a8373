/** A process with its way to the database: what it writes is on the way for a while, and may be lost. */
import type {
  JournalWriter,
  NewControl,
  NewEntry,
  NewWait,
  RunState,
  Store,
} from "@holdfast/core/store";
import type { Oracle } from "./oracle.ts";
import type { Outside } from "./outside.ts";
import { ProcessTime, type VirtualTime } from "./virtual-time.ts";

/** The process dies at its n-th row: before it is written, or after, before anyone learns of it. */
export interface Crash {
  readonly at: number;
  readonly when: "before" | "after";
}

interface MortalProcessParts {
  readonly crash: Crash | undefined;
  readonly time: VirtualTime;
  readonly outside: Outside;
  readonly oracle: Oracle;
}

const COMMIT_MS = 3;

export class MortalProcess {
  alive = true;
  readonly time: ProcessTime;
  readonly #outside: Outside;
  readonly #oracle: Oracle;
  #rows = 0;
  #crash: Crash | undefined;

  constructor({ crash, time, outside, oracle }: MortalProcessParts) {
    this.#crash = crash;
    this.time = new ProcessTime(time);
    this.#outside = outside;
    this.#oracle = oracle;
  }

  /** It has let go of the run, and lives on. */
  letGo(): void {
    this.#crash = undefined;
  }

  /** A writer that stops the world at the row of the crash, and is silent ever after. */
  writer(writer: JournalWriter): JournalWriter {
    let lastSeq = writer.lastSeq;
    let isReleased = false;
    const own: Partial<JournalWriter> = {
      append: (entry: NewEntry) => {
        lastSeq += 1;
        // A body that goes on may still ask for its number, which writes it down.
        const isNumber = entry.entry === "started" || entry.entry === "restarted";
        if (isReleased && !isNumber)
          this.#oracle.violated(`said "${entry.entry}" of a run it had let go of`);
        this.#oracle.appended(entry, lastSeq);
        const written = async () => {
          await writer.append(entry).durable;
          this.#oracle.written(entry);
        };
        return { seq: lastSeq, durable: this.#send(written) };
      },
      openWait: (wait: NewWait) =>
        this.#send(async () => {
          await writer.openWait(wait);
          this.#outside.opened(wait);
        }),
      closeWait: (seq: number) => this.#send(() => writer.closeWait(seq)),
      putState: (state: RunState) => {
        isReleased = state.release ?? false;
        return this.#send(() => writer.putState(state));
      },
    };
    return new Proxy(writer, {
      get: (target, property) => {
        if (property === "lastSeq") return lastSeq;
        const found: unknown = own[property as keyof JournalWriter];
        if (found !== undefined) return found;
        const inherited: unknown = Reflect.get(target, property, target);
        return typeof inherited === "function" ? inherited.bind(target) : inherited;
      },
    });
  }

  /** The store as this process reaches it. */
  store(store: Store): Store {
    return new Proxy(store, {
      get: (target, property) => {
        if (property === "say") {
          return async (_runId: string, message: NewControl) => {
            await this.time.sleep(COMMIT_MS);
            return this.#outside.say(message);
          };
        }
        const inherited: unknown = Reflect.get(target, property, target);
        return typeof inherited === "function" ? inherited.bind(target) : inherited;
      },
    });
  }

  #send(write: () => Promise<void>): Promise<void> {
    const sent = this.#sending(write);
    // As of a real writer, a rejection that nobody awaits is not an unhandled one.
    sent.catch(() => {});
    return sent;
  }

  async #sending(write: () => Promise<void>): Promise<void> {
    await this.time.sleep(COMMIT_MS);
    this.#rows += 1;
    const dies = this.#rows === this.#crash?.at;
    const isWritten = this.alive && !(dies && this.#crash?.when === "before");
    const written = isWritten ? write() : undefined;
    if (dies) {
      this.alive = false;
      this.time.end();
      await new Promise(() => {});
    }
    await written;
  }
}
