/** What the interface means, in its plainest form: everything happens at once and in one place. */
import type { ErrorCode } from "../../../src/errors/index.ts";
import type {
  Control,
  Entry,
  NewControl,
  NewEntry,
  NewWait,
  OpenWait,
  RunState,
  RunStatus,
  SessionState,
} from "../../../src/store/index.ts";

/** An entry with the texts of its input in place of their name. */
export type ReadEntry = Omit<Entry, "input" | "at"> & {
  readonly input: readonly string[] | undefined;
};

export interface ModelRun {
  readonly runId: string;
  readonly space: ModelSpace;
  epoch: number;
  isGone: boolean;
  readonly entries: ReadEntry[];
  readonly control: Omit<Control, "at">[];
  status: RunStatus;
  why: string | undefined;
  workerId: string | undefined;
  readonly queue: string;
  /** In how many milliseconds, as of the last change. */
  ready: number | undefined;
  blocked: string | undefined;
  readonly waits: Map<number, { readonly asked: NewWait; isOpen: boolean }>;
}

const A_WHILE = 10_000;
const OVER: readonly RunStatus[] = ["completed", "failed", "cancelled"];

interface ModelSpace {
  readonly runs: Map<string, ModelRun>;
  readonly sessions: Map<string, { items: unknown; value: unknown; runId: string }>;
  isDeleted: boolean;
}

export interface ModelWriter {
  readonly run: ModelRun;
  readonly epoch: number;
  lost: ErrorCode | undefined;
}

export class Model {
  readonly #spaces = new Map<string, ModelSpace>();

  run(spaceId: string, runId: string): ModelRun | undefined {
    return this.#spaces.get(spaceId)?.runs.get(runId);
  }

  session(spaceId: string, slot: string): unknown {
    return this.#spaces.get(spaceId)?.sessions.get(slot);
  }

  get runs(): readonly ModelRun[] {
    return [...this.#spaces.values()].flatMap(({ runs }) => [...runs.values()]);
  }

  /** Whether it was created, or why not. */
  create(
    spaceId: string,
    runId: string,
    { ready, queue }: { readonly ready: boolean; readonly queue: string },
  ): boolean | ErrorCode {
    const empty = { runs: new Map(), sessions: new Map(), isDeleted: false };
    const space = this.#spaces.get(spaceId) ?? empty;
    this.#spaces.set(spaceId, space);
    if (space.isDeleted) return "SPACE_DELETED";
    if (space.runs.has(runId)) return false;
    const state = { status: "queued", why: undefined, workerId: undefined } as const;
    const readiness = { queue, ready: ready ? 0 : A_WHILE, blocked: undefined };
    const rows = { entries: [], control: [], waits: new Map() };
    const run = { runId, space, epoch: 0, isGone: false, ...state, ...readiness, ...rows };
    space.runs.set(runId, run);
    return true;
  }

  /** Why the worker does not get the run, or its writer. */
  claim(
    run: ModelRun,
    workerId: string,
    isKnown: boolean,
  ): ModelWriter | "held" | "over" | ErrorCode {
    if (OVER.includes(run.status)) return "over";
    if (run.workerId !== undefined && run.workerId !== workerId) return "held";
    return isKnown ? this.takeOver(run, workerId) : "WORKER_LOST";
  }

  takeOver(run: ModelRun, workerId?: string): ModelWriter {
    run.epoch += 1;
    run.status = workerId === undefined ? "queued" : "running";
    run.ready = workerId === undefined ? A_WHILE : undefined;
    run.why = undefined;
    run.blocked = undefined;
    run.workerId = workerId;
    return { run, epoch: run.epoch, lost: undefined };
  }

  append(writer: ModelWriter, { entry, input, value, ...named }: NewEntry): ErrorCode | undefined {
    return this.#write(writer, ({ entries }) =>
      entries.push({
        seq: entries.length + 1,
        epoch: writer.epoch,
        entry,
        step: named.step,
        kind: named.kind,
        name: named.name,
        scope: named.scope,
        callId: named.callId,
        hash: named.hash,
        overlapped: named.overlapped ?? false,
        input,
        value: value?.text,
      }),
    );
  }

  put(writer: ModelWriter, slot: string, { items, value }: SessionState): ErrorCode | undefined {
    return this.#write(writer, ({ runId, space }) =>
      space.sessions.set(slot, { items, value: value?.text, runId }),
    );
  }

  /** Those that are ready for whoever serves these queues. */
  ready(queues: readonly string[]): readonly ModelRun[] {
    return this.runs.filter(({ ready, queue }) => ready === 0 && queues.includes(queue));
  }

  /** When the next one is. */
  nextReady(queues: readonly string[]): number | undefined {
    const times = this.runs.flatMap((run) => (queues.includes(run.queue) ? (run.ready ?? []) : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  unblock(): number {
    const blocked = this.runs.filter(
      ({ workerId, ready, blocked }) =>
        workerId === undefined && ready === undefined && ![undefined, "paused"].includes(blocked),
    );
    for (const run of blocked) run.ready = 0;
    return blocked.length;
  }

  leave(workerId: string): void {
    for (const run of this.runs.filter((each) => each.workerId === workerId)) {
      const { why, blocked } = { why: undefined, blocked: undefined };
      Object.assign(run, { status: "queued", why, blocked, workerId: undefined, ready: 0 });
    }
  }

  setState(writer: ModelWriter, state: RunState): ErrorCode | undefined {
    const { status, why, blocked, release } = state;
    return this.#write(writer, (run) => {
      run.status = status;
      run.why = why;
      run.blocked = status === "waiting" ? blocked : undefined;
      const isOver = OVER.includes(status);
      if (isOver) for (const wait of run.waits.values()) wait.isOpen = false;
      if (isOver || release) {
        run.workerId = undefined;
        run.ready = isOver ? undefined : readyAfter(run, state);
      } else if (run.workerId === undefined && status !== "waiting") run.ready ??= 0;
    });
  }

  openWait(writer: ModelWriter, asked: NewWait): ErrorCode | undefined {
    return this.#write(writer, ({ waits }) => {
      if (!waits.has(asked.seq)) waits.set(asked.seq, { asked, isOpen: true });
    });
  }

  closeWait(writer: ModelWriter, seq: number): ErrorCode | undefined {
    return this.#write(writer, ({ waits }) => {
      const wait = waits.get(seq);
      if (wait !== undefined) wait.isOpen = false;
    });
  }

  /** What stands under the key now, and whether this message made it stand there. */
  say(
    run: ModelRun,
    { key, kind, name, value, author, on }: NewControl,
  ): {
    readonly won: boolean;
    readonly control: Omit<Control, "at"> | undefined;
  } {
    const { control, waits } = run;
    const winner = control.find((each) => each.key === key);
    if (winner !== undefined || !holds(on, waits)) return { won: false, control: winner };
    const said = { seq: control.length + 1, key, kind, name, value, author };
    control.push(said);
    if (run.status === "waiting" && run.workerId === undefined) run.ready = 0;
    return { won: true, control: said };
  }

  prune(run: ModelRun): void {
    run.isGone = true;
    run.space.runs.delete(run.runId);
  }

  delete(spaceId: string): boolean {
    const space = this.#spaces.get(spaceId);
    if (space === undefined || space.isDeleted) return false;
    for (const run of space.runs.values()) this.prune(run);
    space.sessions.clear();
    space.isDeleted = true;
    return true;
  }

  /** The deleted spaces that were left to sweep. */
  sweep(): readonly string[] {
    const deleted = [...this.#spaces].filter(([, { isDeleted }]) => isDeleted);
    for (const [spaceId] of deleted) this.#spaces.delete(spaceId);
    return deleted.map(([spaceId]) => spaceId);
  }

  #write(writer: ModelWriter, write: (run: ModelRun) => void): ErrorCode | undefined {
    const { run, epoch } = writer;
    if (run.isGone) writer.lost ??= "RUN_NOT_FOUND";
    if (run.epoch !== epoch) writer.lost ??= "RUN_TAKEN_OVER";
    if (writer.lost === undefined) write(run);
    return writer.lost;
  }
}

function readyAfter(
  { control, waits }: ModelRun,
  { status, readyInMs = 0, heardUpTo = Number.POSITIVE_INFINITY, blocked }: RunState,
): number | undefined {
  if (status !== "waiting") return readyInMs;
  if (control.length > heardUpTo) return 0;
  if (blocked !== undefined) return undefined;
  const dues = [...waits.values()]
    .filter(
      ({ isOpen, asked }) => isOpen && !control.some(({ key }) => key === `wait/${asked.seq}`),
    )
    .flatMap(({ asked }) => asked.dueInMs ?? []);
  return dues.length === 0 ? undefined : Math.min(...dues);
}

function holds(on: OpenWait | undefined, waits: ModelRun["waits"]): boolean {
  if (on === undefined) return true;
  const wait = waits.get(on.wait);
  if (wait === undefined || !wait.isOpen) return false;
  if ((wait.asked.dueInMs === 0) !== (on.while === "due")) return false;
  return on.fingerprint === undefined || on.fingerprint === wait.asked.fingerprint;
}
