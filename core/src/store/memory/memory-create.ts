/** Makes a run in memory, with its space if that is new and the entries that open its journal. */
import type { Entry } from "../journal/entry.ts";
import { isOver } from "../run-status.ts";
import type { MadeRun, NewRun, Opening } from "../runs/run.ts";
import { spaceDeleted } from "../store-errors.ts";
import { inAWhile, raiseEpoch } from "./memory-claim.ts";
import type { MemoryDatabase, RunRows, SpaceRows } from "./memory-database.ts";
import { tell } from "./memory-ready.ts";

/** The run of this id or name, whose space is another's, or which is new. */
export function findOrMakeRun(
  database: MemoryDatabase,
  newRun: NewRun,
): { readonly is: MadeRun["is"]; readonly rows: RunRows } {
  const { runId, nameId = runId, spaceId = runId, alone = false } = newRun;
  const found = findRun(database, nameId) ?? database.runs.get(runId);
  if (found !== undefined) return { is: "there", rows: found };
  const others = [...(database.spaces.get(spaceId)?.runs ?? [])];
  const unfinished = alone ? others.find(({ run }) => !isOver(run.status)) : undefined;
  if (unfinished !== undefined) return { is: "busy", rows: unfinished };
  const before = others.at(-1);
  if (alone && before !== undefined) raiseEpoch(before);
  const rows = makeRun(database, newRun);
  if (nameId !== runId) database.names.set(nameId, runId);
  return { is: "new", rows };
}

/** By its id, or by that of its name. */
export function findRun({ runs, names }: MemoryDatabase, id: string): RunRows | undefined {
  return runs.get(id) ?? runs.get(names.get(id) ?? "");
}

/** Of an id that no run has. */
function makeRun(database: MemoryDatabase, newRun: NewRun): RunRows {
  const { runId, spaceId = runId, parentId, namespace, app, opening = [] } = newRun;
  const { queue = "default", over = false } = newRun;
  const ready = !over && (newRun.ready ?? true);
  const space = spaceFor(database, spaceId);
  if (space.deletedAt !== undefined) throw spaceDeleted(spaceId);
  const createdAt = database.now();
  const status = over ? "completed" : "queued";
  const state = { status, why: undefined, epoch: 0, workerId: undefined } as const;
  const place = { runId, spaceId, parentId, namespace, app, queue };
  const run = { ...place, ...state, blocked: undefined, createdAt };
  const later = over ? undefined : inAWhile(database);
  const readyAt = ready ? createdAt : later;
  const entries = opening.map((entry, index) => openingEntry(entry, index + 1, createdAt));
  const rows: RunRows = { space, run, readyAt, entries, control: [], waits: new Map() };
  space.runs.add(rows);
  database.runs.set(runId, rows);
  if (ready) tell(database, { ready: [app] });
  return rows;
}

function spaceFor({ spaces }: MemoryDatabase, spaceId: string): SpaceRows {
  const found = spaces.get(spaceId);
  if (found !== undefined) return found;
  const rows = { runs: new Set<RunRows>(), lists: new Map(), sessions: new Map() };
  const space: SpaceRows = { ...rows, deletedAt: undefined };
  spaces.set(spaceId, space);
  return space;
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
