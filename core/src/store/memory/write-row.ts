/**
 * Writes a row of a run if its writer still holds it: the fence, in memory. Invariant: a hold that
 * was refused once takes nothing more, so a journal never has a hole.
 */
import type { HoldfastError } from "../../errors/index.ts";
import type { Row, RunHold, WaitRow } from "../append/row.ts";
import type { ItemList, RowValue } from "../content/content.ts";
import type { ListId } from "../content/value.ts";
import { isOver } from "../run-status.ts";
import { runGone, takenOver } from "../store-errors.ts";
import type { MemoryDatabase, RunRows, SpaceRows } from "./memory-database.ts";
import { readyAfter, tell } from "./memory-ready.ts";

/** Throws why the hold is lost. `rows` are those of the run that was taken over: of no later namesake. */
export function writeRow(database: MemoryDatabase, rows: RunRows, hold: RunHold, row: Row): void {
  hold.lost ??= whyLost(database, rows, hold);
  if (hold.lost !== undefined) throw hold.lost;

  const at = database.now();
  const input = row.list === null ? undefined : storeList(rows.space, row.list);
  const value = textOf(row.value);
  if (row.into === "steps") {
    rows.entries.push({
      seq: row.seq,
      epoch: hold.epoch,
      entry: row.entry,
      step: row.step ?? undefined,
      kind: row.kind ?? undefined,
      name: row.name ?? undefined,
      scope: row.scope ?? undefined,
      callId: row.callId ?? undefined,
      hash: row.hash ?? undefined,
      overlapped: row.overlapped,
      input,
      value,
      at,
    });
  } else if (row.into === "sessions") {
    const items = row.list?.texts;
    const session = { items, value, runId: hold.runId, at };
    rows.space.sessions.set(row.slot, { session, list: input });
  } else if (row.into === "waits") {
    openWait(rows, row, at);
  } else if (row.into === "closings") {
    closeWait(rows, row.seq);
  } else {
    const { status, release, readyInMs, blocked } = row;
    const workerId = release || isOver(status) ? undefined : rows.run.workerId;
    rows.run = { ...rows.run, status, why: value, workerId, blocked: blocked ?? undefined };
    if (isOver(status)) for (const seq of rows.waits.keys()) closeWait(rows, seq);
    rows.readyAt = readyAfter(database, rows, row);
    tell(database, { moved: [hold.runId] });
    if (release && status === "queued" && readyInMs === 0)
      tell(database, { ready: [rows.run.app] });
  }
}

function openWait({ waits }: RunRows, row: WaitRow, at: Date): void {
  const { seq, kind, name, fingerprint, dueInMs, value } = row;
  if (waits.has(seq)) return;
  const dueAt = dueInMs === null ? undefined : new Date(at.getTime() + dueInMs);
  const asked = { seq, kind, name, fingerprint, body: textOf(value) };
  waits.set(seq, { ...asked, openedAt: at, dueAt, isClosed: false });
}

function closeWait({ waits }: RunRows, seq: number): void {
  const wait = waits.get(seq);
  if (wait !== undefined) waits.set(seq, { ...wait, isClosed: true });
}

function whyLost(
  database: MemoryDatabase,
  rows: RunRows,
  hold: RunHold,
): HoldfastError | undefined {
  if (database.runs.get(hold.runId) !== rows) return runGone(hold);
  if (rows.run.epoch !== hold.epoch) return takenOver(hold, rows.run.epoch);
  return undefined;
}

/** Kept whole, since texts in memory are shared anyway. */
function storeList({ lists }: SpaceRows, { hash, texts }: ItemList): ListId {
  const list = hash.toString("hex");
  lists.set(list, texts);
  return list;
}

function textOf({ body, item }: RowValue): string | undefined {
  return body ?? item?.text;
}
