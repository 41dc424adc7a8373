/** Random programs: what several processes do to a few runs of two spaces. */
import fc from "fast-check";
import {
  bucketOf,
  type NewControl,
  type NewEntry,
  type NewWait,
  newId,
  type RunState,
  type SessionState,
  type Store,
} from "../../../src/store/index.ts";
import { type EnteredWorker, enter } from "../../support/workers.ts";

/** Runs and processes are named by small numbers, writers by how long ago they took over. */
export type Step =
  | {
      readonly do: "claim" | "take over" | "prune";
      readonly by: number;
      readonly run: number;
    }
  | {
      readonly do: "create";
      readonly by: number;
      readonly run: number;
      readonly ready: boolean;
      readonly queue: string;
    }
  | {
      readonly do: "claim ready";
      readonly by: number;
      readonly queues: readonly string[];
      readonly limit: number;
    }
  | { readonly do: "unblock"; readonly by: number }
  | { readonly do: "leave"; readonly by: number }
  | { readonly do: "append"; readonly writer: number; readonly entries: readonly NewEntry[] }
  | {
      readonly do: "put";
      readonly writer: number;
      readonly slot: string;
      readonly state: SessionState;
    }
  | { readonly do: "state"; readonly writer: number; readonly state: RunState }
  | { readonly do: "wait"; readonly writer: number; readonly wait: NewWait }
  | { readonly do: "close"; readonly writer: number; readonly seq: number }
  | { readonly do: "say"; readonly by: number; readonly run: number; readonly message: NewControl }
  | { readonly do: "delete"; readonly by: number; readonly run: number }
  | { readonly do: "sweep"; readonly by: number };

export const QUEUES = ["default", "slow"] as const;
export const SLOTS = ["thread", "state"] as const;
const SPACES = 2;
const RUNS = 4;
const PROCESSES = 4;

const by = fc.nat(PROCESSES - 1);
const run = fc.nat(RUNS - 1);
const writer = fc.nat(6);
/** Few, so that spaces share them; one too large to stand in its row. */
const text = fc.constantFrom('"a"', '"b"', '"c"', JSON.stringify("large".repeat(600)));
const texts = fc.array(text, { maxLength: 5 });
const value = fc.record({ text, shared: fc.boolean() });

const entry: fc.Arbitrary<NewEntry> = fc.record(
  {
    entry: fc.constantFrom("started", "finished", "failed"),
    step: fc.integer({ min: 1, max: 9 }),
    kind: fc.constantFrom("model", "tool"),
    name: fc.constantFrom("search", "\u00fc\u{1f9ff}"),
    overlapped: fc.boolean(),
    input: texts,
    value,
  },
  { requiredKeys: ["entry"] },
);
const state: fc.Arbitrary<SessionState> = fc.record({ items: texts, value }, { requiredKeys: [] });
const runState: fc.Arbitrary<RunState> = fc.record(
  {
    status: fc.constantFrom("waiting", "waiting", "queued", "running", "completed"),
    why: text,
    release: fc.boolean(),
    readyInMs: fc.constantFrom(0, 3_600_000),
    heardUpTo: fc.nat(4),
    blocked: fc.constantFrom("divergence", "paused"),
  },
  { requiredKeys: ["status"] },
);
const seq = fc.integer({ min: 1, max: 2 });
const fingerprint = fc.constantFrom("f1", "f2");
const wait: fc.Arbitrary<NewWait> = fc.record(
  {
    seq,
    kind: fc.constantFrom("approval", "timer"),
    name: fc.constantFrom("pay", "later"),
    fingerprint,
    body: text,
    dueInMs: fc.constantFrom(0, 3_600_000),
  },
  { requiredKeys: ["seq", "kind", "name", "fingerprint"] },
);
const on = fc.record(
  { wait: seq, while: fc.constantFrom("open", "due"), fingerprint },
  { requiredKeys: ["wait", "while"] },
);
const message: fc.Arbitrary<NewControl> = fc.record(
  {
    key: fc.constantFrom("wait/1", "wait/2", "signal 1", "signal 2"),
    kind: fc.constantFrom("decision", "signal"),
    name: fc.constantFrom("paid", "shipped"),
    value: text,
    author: fc.constantFrom("ann", "bob"),
    on,
  },
  { requiredKeys: ["key", "kind"] },
);

const is = <const Name extends Step["do"]>(name: Name) => fc.constant(name);
const entries = fc.array(entry, { minLength: 1, maxLength: 3 });
const queue = fc.constantFrom(...QUEUES);
const create = fc.record({ do: is("create"), by, run, ready: fc.boolean(), queue });
const queues = fc.subarray([...QUEUES], { minLength: 1 });
const claimReady = fc.record({
  do: is("claim ready"),
  by,
  queues,
  limit: fc.integer({ min: 1, max: 3 }),
});
const unblock = fc.record({ do: is("unblock"), by });
const leave = fc.record({ do: is("leave"), by });
const claim = fc.record({ do: is("claim"), by, run });
const setState = fc.record({ do: is("state"), writer, state: runState });
const openWait = fc.record({ do: is("wait"), writer, wait });
const closeWait = fc.record({ do: is("close"), writer, seq });
const takeOver = fc.record({ do: is("take over"), by, run });
const append = fc.record({ do: is("append"), writer, entries });
const put = fc.record({ do: is("put"), writer, slot: fc.constantFrom(...SLOTS), state });
const say = fc.record({ do: is("say"), by, run, message });
const prune = fc.record({ do: is("prune"), by, run });
const remove = fc.record({ do: is("delete"), by, run });
const sweep = fc.record({ do: is("sweep"), by });

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: create },
  { weight: 3, arbitrary: takeOver },
  { weight: 4, arbitrary: claim },
  { weight: 3, arbitrary: claimReady },
  { weight: 1, arbitrary: unblock },
  { weight: 1, arbitrary: leave },
  { weight: 5, arbitrary: setState },
  { weight: 3, arbitrary: openWait },
  { weight: 1, arbitrary: closeWait },
  { weight: 9, arbitrary: append },
  { weight: 4, arbitrary: put },
  { weight: 4, arbitrary: say },
  { weight: 1, arbitrary: prune },
  { weight: 1, arbitrary: remove },
  { weight: 1, arbitrary: sweep },
);

/** The worker of each process but the last, entered when it is needed; that of the last is not known. */
export class Workers {
  /** All that ever were. */
  readonly ids: Set<string> = new Set();
  readonly #stores: readonly Store[];
  readonly #stranger = newId();
  readonly #entered = new Map<number, Promise<EnteredWorker>>();

  constructor(stores: readonly Store[]) {
    this.#stores = stores;
  }

  async of(by: number): Promise<string> {
    if (by === PROCESSES - 1) return this.#stranger;
    const entering = this.#entered.get(by) ?? enter(this.#stores[by]!);
    this.#entered.set(by, entering);
    const { id } = await entering;
    this.ids.add(id);
    return id;
  }

  /** Its next worker is another. */
  async leave(by: number): Promise<void> {
    const entered = this.#entered.get(by);
    this.#entered.delete(by);
    await (await entered)?.presence.leave();
  }

  async leaveAll(): Promise<void> {
    for (const by of this.#entered.keys()) await this.leave(by);
  }
}

export interface RunName {
  readonly runId: string;
  readonly spaceId: string;
}

/**
 * The ids that the numbers of a program stand for. A run that is gone never comes back under its id,
 * nor does a space that was swept.
 */
export class Names {
  /** In which no run of another program is claimed. */
  readonly namespace: string = newId();
  /** All that ever were. */
  readonly spaces: string[] = [];
  readonly runs: RunName[] = [];
  readonly #spaceNow: string[] = [];
  readonly #runNow: RunName[] = [];

  constructor() {
    for (let number = 0; number < SPACES; number += 1) this.#nameSpace(number);
    for (let number = 0; number < RUNS; number += 1) this.#nameRun(number);
  }

  get(number: number): RunName {
    return this.#runNow[number]!;
  }

  runsOf(spaceId: string): readonly RunName[] {
    return this.runs.filter((name) => name.spaceId === spaceId);
  }

  renewRun(runId: string): void {
    const number = this.#runNow.findIndex((name) => name.runId === runId);
    if (number >= 0) this.#nameRun(number);
  }

  renewSpace(spaceId: string): void {
    const number = this.#spaceNow.indexOf(spaceId);
    if (number < 0) return;
    this.#nameSpace(number);
    for (const { runId } of this.runsOf(spaceId)) this.renewRun(runId);
  }

  #nameSpace(number: number): void {
    const spaceId = newId();
    this.#spaceNow[number] = spaceId;
    this.spaces.push(spaceId);
  }

  #nameRun(number: number): void {
    const spaceId = this.#spaceNow[number % SPACES]!;
    const name = { spaceId, runId: newId(bucketOf(spaceId)) };
    this.#runNow[number] = name;
    this.runs.push(name);
  }
}
