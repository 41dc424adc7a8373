/**
 * The store in memory, for tests and simulations: the same promises as the one on Postgres, without
 * I/O, timers or chance. What `close` is to a process that ends well, dropping the handle is to one
 * that dies: open another on the same database.
 */
import { plainSpaceCipher } from "../../cipher/index.ts";
import { QueuedJournalWriter } from "../append/journal-writer.ts";
import type { RowQueue } from "../append/row.ts";
import { bucketOf } from "../id.ts";
import { DELETION_GRACE_MS } from "../removal/delete-space.ts";
import type {
  Control,
  Entry,
  JournalWriter,
  ListId,
  NewControl,
  NewRun,
  Run,
  Store,
  StoredSession,
} from "../store.ts";
import { storeClosed } from "../store-closed.ts";
import {
  checkNewRun,
  incompleteList,
  refuseUnstorable,
  runNotFound,
  spaceDeleted,
} from "../store-errors.ts";
import type { MemoryDatabase, RunRows, SpaceRows } from "./memory-database.ts";
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
  #closed = false;

  constructor(database: MemoryDatabase) {
    this.#database = database;
  }

  async createRun(newRun: NewRun): Promise<{ readonly run: Run; readonly created: boolean }> {
    checkNewRun(newRun);
    const { runId, spaceId = runId, parentId, namespace, app } = newRun;
    const found = this.#find(runId);
    if (found !== undefined) return { run: found.run, created: false };
    const space = this.#spaceFor(spaceId);
    if (space.deletedAt !== undefined) throw spaceDeleted(spaceId);
    const createdAt = this.#database.now();
    const state = { status: "queued", epoch: 0, createdAt };
    const run: Run = { runId, spaceId, parentId, namespace, app, ...state };
    const rows: RunRows = { space, run, entries: [], control: [] };
    space.runs.add(rows);
    this.#database.runs.set(runId, rows);
    return { run, created: true };
  }

  async run(runId: string): Promise<Run | undefined> {
    return this.#find(runId)?.run;
  }

  async takeOver(runId: string): Promise<JournalWriter> {
    const rows = this.#rows(runId);
    const epoch = rows.run.epoch + 1;
    rows.run = { ...rows.run, status: "running", epoch };
    const { spaceId } = rows.run;
    const place = { bucket: bucketOf(runId), runId, spaceId, epoch };
    const hold = { ...place, born: "", cipher: plainSpaceCipher, sweeps: 0, lost: undefined };
    return new QueuedJournalWriter(hold, rows.entries.length, this.#queueInto(rows));
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

  async session(spaceId: string, slot: string): Promise<StoredSession | undefined> {
    return this.#space(spaceId)?.sessions.get(slot)?.session;
  }

  async say(
    runId: string,
    { key, kind, value, author }: NewControl,
  ): Promise<{ readonly won: boolean; readonly control: Control }> {
    refuseUnstorable(runId, { key, kind, value, author });
    const said = this.#rows(runId).control;
    const winner = said.find((control) => control.key === key);
    if (winner !== undefined) return { won: false, control: winner };
    const control = { seq: said.length + 1, key, kind, value, author, at: this.#database.now() };
    said.push(control);
    return { won: true, control };
  }

  async said(
    runId: string,
    { after = 0 }: { readonly after?: number } = {},
  ): Promise<readonly Control[]> {
    return this.#rows(runId).control.slice(Math.max(0, after));
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

  close(): Promise<void> {
    this.#closed = true;
    return this.#queue.close();
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

  #refuseWhenClosed(): void {
    if (this.#closed) throw storeClosed();
  }
}
