/**
 * The store in memory, for tests and simulations: the same promises as the one on Postgres, without
 * I/O, timers or chance. What `close` is to a process that ends well, dropping the handle is to one
 * that dies: open another on the same database.
 */
import { plainSpaceCipher } from "../../cipher/index.ts";
import { fingerprint } from "../append/fingerprint.ts";
import { QueuedJournalWriter } from "../append/journal-writer.ts";
import type { RowQueue } from "../append/row.ts";
import { bucketOf } from "../id.ts";
import { DELETION_GRACE_MS } from "../removal/delete-space.ts";
import { isOver } from "../run-status.ts";
import type {
  Claim,
  Control,
  ControlCursor,
  DeployedApp,
  Entry,
  Heard,
  Hint,
  JournalWriter,
  ListId,
  NewControl,
  NewRun,
  NewWorker,
  Opening,
  Presence,
  ReadyOrder,
  ReadyRuns,
  Run,
  RunFilter,
  Said,
  Served,
  Standing,
  Store,
  StoredSession,
  Suspect,
  Wait,
  WaitForEnd,
  WorkerListener,
  WorkerState,
} from "../store.ts";
import { storeClosed } from "../store-closed.ts";
import {
  checkNewRun,
  incompleteList,
  runNotFound,
  spaceDeleted,
  takenOver,
  workerLost,
} from "../store-errors.ts";
import { inAWhile, takeRun, toRun, whyNotMine } from "./memory-claim.ts";
import { openWaits, sayTo } from "./memory-control.ts";
import type { MemoryDatabase, RunRows, SpaceRows } from "./memory-database.ts";
import { enterMemory } from "./memory-presence.ts";
import {
  buryWorker,
  expiredWorkers,
  nextReadyInMs,
  readyRuns,
  tell,
  unblockRuns,
} from "./memory-ready.ts";
import { deleteSpaceRows, pruneRows, sweepTombstones } from "./memory-removal.ts";
import { MemoryRowQueue } from "./memory-row-queue.ts";
import { writeRow } from "./write-row.ts";

/** Opens one more process's handle on the database. Closing it leaves the database as it is. */
export function openMemoryStore(database: MemoryDatabase): Store {
  return new MemoryStore(database);
}

class MemoryStore implements Store {
  readonly description = "memory of this process";
  readonly #database: MemoryDatabase;
  readonly #queue = new MemoryRowQueue();
  readonly #presences = new Set<Presence>();
  readonly #listeners = new Set<(hint: Hint) => void>();
  #closed = false;

  constructor(database: MemoryDatabase) {
    this.#database = database;
  }

  async createRun(newRun: NewRun): Promise<{ readonly run: Run; readonly created: boolean }> {
    checkNewRun(newRun);
    const { runId, spaceId = runId, parentId, namespace, app, opening = [] } = newRun;
    const { queue = "default", ready = true } = newRun;
    const found = this.#find(runId);
    if (found !== undefined) return { run: toRun(this.#database, found), created: false };
    const space = this.#spaceFor(spaceId);
    if (space.deletedAt !== undefined) throw spaceDeleted(spaceId);
    const createdAt = this.#database.now();
    const state = { status: "queued", why: undefined, epoch: 0, workerId: undefined } as const;
    const place = { runId, spaceId, parentId, namespace, app, queue };
    const run = { ...place, ...state, blocked: undefined, createdAt };
    const readyAt = ready ? createdAt : inAWhile(this.#database);
    const entries = opening.map((entry, index) => openingEntry(entry, index + 1, createdAt));
    const rows: RunRows = { space, run, readyAt, entries, control: [], waits: new Map() };
    space.runs.add(rows);
    this.#database.runs.set(runId, rows);
    if (ready) tell(this.#database, { ready: [app] });
    return { run: toRun(this.#database, rows), created: true };
  }

  async run(runId: string): Promise<Run | undefined> {
    const found = this.#find(runId);
    return found && toRun(this.#database, found);
  }

  async enter(worker: NewWorker, told: WorkerListener): Promise<Presence> {
    this.#refuseWhenClosed();
    bucketOf(worker.id);
    const presence = enterMemory(this.#database, worker, told);
    this.#presences.add(presence);
    return presence;
  }

  async workers(): Promise<readonly WorkerState[]> {
    this.#refuseWhenClosed();
    const now = this.#database.now().getTime();
    return [...this.#database.workers.values()].map(({ expiresAt, beats: _, ...worker }) => ({
      ...worker,
      expiresInMs: expiresAt.getTime() - now,
    }));
  }

  async suspects(self: NewWorker): Promise<readonly Suspect[]> {
    this.#refuseWhenClosed();
    return expiredWorkers(this.#database).filter(({ workerId }) => workerId !== self.id);
  }

  async bury(suspect: Suspect): Promise<boolean> {
    this.#refuseWhenClosed();
    bucketOf(suspect.workerId);
    return buryWorker(this.#database, suspect);
  }

  async claim(runId: string, workerId: string): Promise<Claim> {
    const rows = this.#rows(runId);
    const refused = whyNotMine(this.#database, rows, workerId);
    if (refused !== undefined) return refused;
    this.#refuseUnknown(workerId);
    return { is: "mine", writer: this.#take(rows, workerId) };
  }

  async claimReady(order: ReadyOrder): Promise<ReadyRuns> {
    this.#refuseWhenClosed();
    this.#refuseUnknown(order.workerId);
    const claimed = readyRuns(this.#database, order).map((rows) => ({
      writer: this.#take(rows, order.workerId),
      run: toRun(this.#database, rows),
    }));
    const isFull = claimed.length === order.limit;
    return { claimed, nextInMs: isFull ? 0 : nextReadyInMs(this.#database, order) };
  }

  async unblock(served: Served): Promise<number> {
    this.#refuseWhenClosed();
    const count = unblockRuns(this.#database, served);
    if (count > 0) tell(this.#database, { ready: served.apps });
    return count;
  }

  async runs({ namespace, app, status, limit, before }: RunFilter): Promise<readonly Run[]> {
    this.#refuseWhenClosed();
    return [...this.#database.runs.values()]
      .map((rows) => toRun(this.#database, rows))
      .filter((run) => run.namespace === namespace && run.app === (app ?? run.app))
      .filter((run) => run.status === (status ?? run.status))
      .sort(newestFirst)
      .filter((run) => before === undefined || newestFirst(before, run) < 0)
      .slice(0, limit);
  }

  async deploy(app: DeployedApp): Promise<void> {
    this.#refuseWhenClosed();
    this.#database.apps.set(JSON.stringify([app.namespace, app.name]), app);
  }

  async apps(namespace: string): Promise<readonly DeployedApp[]> {
    this.#refuseWhenClosed();
    return [...this.#database.apps.values()]
      .filter((app) => app.namespace === namespace)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async standings(runIds: readonly string[]): Promise<readonly Standing[]> {
    this.#refuseWhenClosed();
    const now = this.#database.now().getTime();
    return runIds.flatMap((runId) => {
      const run = this.#find(runId)?.run;
      if (run === undefined) return [];
      const { status, epoch, workerId = "" } = run;
      const expiresAt = this.#database.workers.get(workerId)?.expiresAt.getTime() ?? 0;
      return [{ runId, status, epoch, isHeld: expiresAt > now }];
    });
  }

  listen(hear: (hint: Hint) => void): () => void {
    this.#listeners.add(hear);
    this.#database.listeners.add(hear);
    return () => this.#database.listeners.delete(hear);
  }

  async takeOver(
    runId: string,
    { epoch }: { readonly epoch?: number } = {},
  ): Promise<JournalWriter> {
    const rows = this.#rows(runId);
    const found = rows.run.epoch;
    if (epoch !== undefined && epoch !== found) throw takenOver({ runId, epoch }, found);
    return this.#take(rows, undefined);
  }

  async *journal(
    runId: string,
    { after = 0 }: { readonly after?: number } = {},
  ): AsyncGenerator<Entry> {
    yield* this.#rows(runId).entries.slice(Math.max(0, after));
  }

  async list(spaceId: string, list: ListId): Promise<readonly string[]> {
    const texts = this.#space(spaceId)?.lists.get(list);
    if (texts === undefined) {
      throw incompleteList(spaceId, Buffer.from(list, "hex"), "the list itself");
    }
    return texts;
  }

  async fingerprints(_: string): Promise<(text: string) => string> {
    return (text) => fingerprint(plainSpaceCipher, text);
  }

  async session(spaceId: string, slot: string): Promise<StoredSession | undefined> {
    return this.#space(spaceId)?.sessions.get(slot)?.session;
  }

  async waitsForEnd(of?: string): Promise<readonly WaitForEnd[]> {
    this.#refuseWhenClosed();
    return [...this.#database.runs.values()].flatMap((rows) =>
      openWaits(rows, this.#database.now())
        .filter(({ kind, name }) => kind === "child" && name === (of ?? name))
        .filter(({ name }) => isOver(this.#find(name)?.run.status ?? "queued"))
        .map(({ seq, name }) => ({ runId: rows.run.runId, seq, of: name })),
    );
  }

  async waits(runId: string): Promise<readonly Wait[]> {
    return openWaits(this.#rows(runId), this.#database.now());
  }

  async say(runId: string, message: NewControl): Promise<Said> {
    return sayTo(this.#database, this.#rows(runId), message);
  }

  async said(
    runId: string,
    { after = 0 }: { readonly after?: number } = {},
  ): Promise<readonly Control[]> {
    return this.#rows(runId).control.slice(Math.max(0, after));
  }

  async heard(cursors: readonly ControlCursor[]): Promise<readonly Heard[]> {
    this.#refuseWhenClosed();
    const heard = cursors.flatMap(({ runId, after }) =>
      (this.#find(runId)?.control ?? [])
        .slice(Math.max(0, after))
        .map((control) => ({ runId, control })),
    );
    return heard.sort((a, b) =>
      a.runId === b.runId ? a.control.seq - b.control.seq : a.runId < b.runId ? -1 : 1,
    );
  }

  async pruneRun(runId: string): Promise<boolean> {
    const rows = this.#find(runId);
    if (rows !== undefined) pruneRows(this.#database, rows);
    return rows !== undefined;
  }

  async deleteSpace(spaceId: string): Promise<boolean> {
    const space = this.#space(spaceId);
    return space !== undefined && deleteSpaceRows(this.#database, space);
  }

  async sweepDeleted({
    graceMs = DELETION_GRACE_MS,
  }: {
    readonly graceMs?: number;
  } = {}): Promise<number> {
    this.#refuseWhenClosed();
    return sweepTombstones(this.#database, graceMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.close();
    for (const presence of this.#presences) await presence.leave();
    for (const hear of this.#listeners) this.#database.listeners.delete(hear);
  }

  #take(rows: RunRows, workerId: string | undefined): JournalWriter {
    const epoch = takeRun(this.#database, rows, workerId);
    const { runId, spaceId } = rows.run;
    const place = { bucket: bucketOf(runId), runId, spaceId, epoch };
    const hold = { ...place, born: "", cipher: plainSpaceCipher, sweeps: 0, lost: undefined };
    return new QueuedJournalWriter(hold, rows.entries.length, this.#queueInto(rows));
  }

  #queueInto(rows: RunRows): RowQueue {
    return {
      append: (hold, row) => this.#queue.append(() => writeRow(this.#database, rows, hold, row)),
      room: () => this.#queue.settled(),
    };
  }

  #find(runId: string): RunRows | undefined {
    this.#refuseWhenClosed();
    bucketOf(runId);
    return this.#database.runs.get(runId);
  }

  #rows(runId: string): RunRows {
    const rows = this.#find(runId);
    if (rows === undefined) throw runNotFound(runId);
    return rows;
  }

  #space(spaceId: string): SpaceRows | undefined {
    this.#refuseWhenClosed();
    bucketOf(spaceId);
    return this.#database.spaces.get(spaceId);
  }

  #spaceFor(spaceId: string): SpaceRows {
    const found = this.#space(spaceId);
    if (found !== undefined) return found;
    const space = { runs: new Set<RunRows>(), lists: new Map(), sessions: new Map() };
    const living: SpaceRows = { ...space, deletedAt: undefined };
    this.#database.spaces.set(spaceId, living);
    return living;
  }

  #refuseUnknown(workerId: string): void {
    bucketOf(workerId);
    if (!this.#database.workers.has(workerId)) throw workerLost(workerId);
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw storeClosed();
  }
}

type Place = Pick<Run, "runId" | "createdAt">;

function newestFirst(a: Place, b: Place): number {
  const apart = b.createdAt.getTime() - a.createdAt.getTime();
  if (apart !== 0 || a.runId === b.runId) return apart;
  return a.runId < b.runId ? 1 : -1;
}

function openingEntry({ entry, value }: Opening, seq: number, at: Date): Entry {
  return {
    seq,
    epoch: 0,
    entry,
    step: undefined,
    kind: undefined,
    name: undefined,
    scope: undefined,
    callId: undefined,
    hash: undefined,
    overlapped: false,
    input: undefined,
    value: value?.text,
    at,
  };
}
