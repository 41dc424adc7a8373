/**
 * The store in memory, for tests and simulations: the same promises as the one on Postgres, without
 * I/O, timers or chance. What `close` is to a process that ends well, dropping the handle is to one
 * that dies: open another on the same database.
 */
import { plainSpaceCipher } from "../../cipher/index.ts";
import { fingerprint } from "../append/fingerprint.ts";
import { QueuedJournalWriter } from "../append/queued-journal-writer.ts";
import type { RowQueue } from "../append/row.ts";
import type { DeployedApp } from "../apps/deployed-app.ts";
import type { StoredSession } from "../content/session.ts";
import type { ListId } from "../content/value.ts";
import type { Control, ControlCursor, Heard, NewControl, Said } from "../control/control.ts";
import type { Hint } from "../hints/hint.ts";
import { bucketOf } from "../id.ts";
import type { Entry } from "../journal/entry.ts";
import type { JournalWriter } from "../journal/journal-writer.ts";
import { DELETION_GRACE_MS } from "../removal/delete-space.ts";
import type { Amending, Claim, ReadyOrder, ReadyRuns, Served } from "../runs/claim.ts";
import type { MadeRun, NewRun, Run, RunFilter, Standing } from "../runs/run.ts";
import type { Store } from "../store.ts";
import { storeClosed } from "../store-closed.ts";
import {
  checkNewRun,
  incompleteList,
  runNotFound,
  spaceDeleted,
  takenOver,
  workerLost,
} from "../store-errors.ts";
import type { Wait, WaitForEnd } from "../waits/wait.ts";
import type {
  NewWorker,
  Presence,
  Suspect,
  WorkerListener,
  WorkerState,
} from "../workers/worker.ts";
import { holderOf, inWhoseName, raiseEpoch, takeRun, toRun, whyNotMine } from "./memory-claim.ts";
import { openWaits, sayTo } from "./memory-control.ts";
import { findOrMakeRun, findRun } from "./memory-create.ts";
import type { MemoryDatabase, RunRows, SpaceRows } from "./memory-database.ts";
import { listRuns, standingsOf, waitsForEnd } from "./memory-list.ts";
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

  async createRun(newRun: NewRun): Promise<MadeRun> {
    this.#refuseWhenClosed();
    checkNewRun(newRun);
    const { is, rows } = findOrMakeRun(this.#database, newRun);
    return { is, run: toRun(this.#database, rows) };
  }

  async run(runId: string): Promise<Run | undefined> {
    this.#refuseWhenClosed();
    bucketOf(runId);
    const found = findRun(this.#database, runId);
    return found && toRun(this.#database, found);
  }

  async newestRun(spaceId: string): Promise<Run | undefined> {
    const rows = [...(this.#space(spaceId)?.runs ?? [])].at(-1);
    return rows && toRun(this.#database, rows);
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

  async runs(filter: RunFilter): Promise<readonly Run[]> {
    this.#refuseWhenClosed();
    return listRuns(this.#database, filter);
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
    runIds.forEach(bucketOf);
    return standingsOf(this.#database, runIds);
  }

  async heldBy(workerId: string): Promise<readonly Standing[]> {
    this.#refuseWhenClosed();
    bucketOf(workerId);
    const held = [...this.#database.runs.values()].filter(({ run }) => run.workerId === workerId);
    return standingsOf(
      this.#database,
      held.map(({ run }) => run.runId),
    );
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

  async amend(spaceId: string): Promise<Amending> {
    const rows = inWhoseName([...(this.#space(spaceId)?.runs ?? [])]);
    if (rows === undefined) throw spaceDeleted(spaceId);
    const holder = holderOf(this.#database, rows);
    if (holder !== undefined) return { is: "held", runId: rows.run.runId, ...holder };
    raiseEpoch(rows);
    return { is: "mine", writer: this.#writer(rows) };
  }

  async *journal(
    runId: string,
    { after = 0 }: { readonly after?: number } = {},
  ): AsyncGenerator<Entry> {
    yield* this.#rows(runId).entries.slice(Math.max(0, after));
  }

  async newestEntry(runId: string, of: readonly string[]): Promise<Entry | undefined> {
    return this.#rows(runId).entries.findLast(({ entry }) => of.includes(entry));
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
    return waitsForEnd(this.#database, of);
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
    takeRun(this.#database, rows, workerId);
    return this.#writer(rows);
  }

  #writer(rows: RunRows): JournalWriter {
    const { runId, spaceId, epoch } = rows.run;
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

  #refuseUnknown(workerId: string): void {
    bucketOf(workerId);
    if (!this.#database.workers.has(workerId)) throw workerLost(workerId);
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw storeClosed();
  }
}
