/** Attempts at one run in memory, each of which hears at once what is said to the run. */
import { beforeEach } from "vitest";
import { type Codec, createCodec } from "../../src/codec/index.ts";
import { realTime, type Scheduler } from "../../src/journal/index.ts";
import { silentLogger } from "../../src/logger.ts";
import {
  type AttemptEnd,
  attempt,
  Deltas,
  holdfastErrors,
  type RunContext,
  waitKey,
} from "../../src/run/index.ts";
import {
  type Control,
  type Entry,
  type JournalWriter,
  memoryDatabase,
  type NewControl,
  type NewEntry,
  openMemoryStore,
  type RunState,
  type Store,
} from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";

export const codec: Codec = createCodec({ extensions: [holdfastErrors] });

interface AttemptOptions {
  readonly signal?: AbortSignal;
  readonly drain?: AbortSignal;
  readonly certain?: () => Promise<void> | undefined;
  readonly hotMs?: number;
  readonly scheduler?: Scheduler;
  /** Called with each entry before it is written. */
  readonly onAppend?: (entry: NewEntry) => void;
  /** Whether the program is left to wait when it returns undefined. */
  readonly leaves?: boolean;
}

export interface Attempts {
  readonly store: Store;
  readonly runId: string;
  attempt(
    program: (run: RunContext) => Promise<unknown>,
    options?: AttemptOptions,
  ): Promise<AttemptEnd>;
  /** What is said at once is heard in one go. */
  say(...messages: readonly NewControl[]): Promise<void>;
  /** Somebody approves what waits to be. */
  approve(): Promise<void>;
  /** What the last attempt set the state of the run to, if it did. */
  readonly state: RunState | undefined;
  journal(): Promise<readonly Entry[]>;
  /** What it says happened, in order. */
  entries(): Promise<readonly string[]>;
}

/** To be called at the top of a test file: each test has a run of its own. */
export function attempts(): Attempts {
  let store: Store;
  let runId: string;
  let listeners: Set<(control: Control) => void>;
  let state: RunState | undefined;
  beforeEach(async () => {
    store = openMemoryStore(memoryDatabase());
    runId = (await newRun(store)).runId;
    listeners = new Set();
  });

  function listen(after: number, hear: (control: Control) => void): () => void {
    listeners.add(hear);
    void store.said(runId, { after }).then((said) => said.forEach(hear));
    return () => listeners.delete(hear);
  }

  async function say(...messages: readonly NewControl[]): Promise<void> {
    const said = await Promise.all(messages.map((message) => store.say(runId, message)));
    for (const { won, control } of said) if (won) for (const hear of [...listeners]) hear(control);
  }

  return {
    get store() {
      return store;
    },
    get runId() {
      return runId;
    },
    get state() {
      return state;
    },
    async attempt(program, { leaves, onAppend = () => {}, ...options } = {}) {
      state = undefined;
      const writer = await store.takeOver(runId);
      const own: Partial<JournalWriter> = {
        append(entry) {
          onAppend(entry);
          return writer.append(entry);
        },
        putState(given) {
          state = given;
          return writer.putState(given);
        },
      };
      return attempt({
        store,
        writer: laidOver(writer, own),
        namespace: "test",
        codec,
        scheduler: realTime,
        logger: silentLogger,
        policies: {},
        adapters: [],
        deltas: new Deltas(),
        hotMs: 10_000,
        worker: { id: "w", host: "h", pid: 1 },
        signal: new AbortController().signal,
        listen,
        program: async (run) => {
          const output = await program(run);
          return { is: leaves && output === undefined ? "left" : "ended", output };
        },
        ...options,
      });
    },
    say,
    async approve() {
      const value = JSON.stringify({ approved: true });
      for (const { seq, kind } of await store.waits(runId)) {
        if (kind !== "approval") continue;
        await say({ key: waitKey(seq), kind: "decision", value, on: { wait: seq, while: "open" } });
      }
    },
    journal: () => collect(store.journal(runId)),
    entries: async () => (await collect(store.journal(runId))).map(({ entry }) => entry),
  };
}

function laidOver(writer: JournalWriter, own: Partial<JournalWriter>): JournalWriter {
  return new Proxy(writer, {
    get(target, key) {
      const found: unknown = Reflect.get(key in own ? own : target, key);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}

export interface HeldBody<T> {
  /** Resolves when the body runs. */
  readonly begun: Promise<void>;
  /** Lets it come to its end. */
  end(value: T): void;
  readonly body: () => Promise<T>;
  /** How often it was begun. */
  readonly times: number;
}

/** The body of a step that ends when it is told to. */
export function heldBody<T>(): HeldBody<T> {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<T>();
  let times = 0;
  return {
    begun: begun.promise,
    end: ended.resolve,
    body() {
      times += 1;
      begun.resolve();
      return ended.promise;
    },
    get times() {
      return times;
    },
  };
}
