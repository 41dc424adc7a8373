/**
 * The rows of a store in memory: what is left when a process that had it open is thrown away.
 * Several handles on one database are to each other what several processes are.
 */
import type { DeployedApp } from "../apps/deployed-app.ts";
import type { StoredSession } from "../content/session.ts";
import type { ListId } from "../content/value.ts";
import type { Control } from "../control/control.ts";
import type { Hint } from "../hints/hint.ts";
import type { Entry } from "../journal/entry.ts";
import type { Run } from "../runs/run.ts";
import type { Wait } from "../waits/wait.ts";
import type { WorkerState } from "../workers/worker.ts";

export interface MemoryDatabase {
  readonly now: () => Date;
  readonly spaces: Map<string, SpaceRows>;
  readonly runs: Map<string, RunRows>;
  /** Of ids that stand for names, the runs that go by them. */
  readonly names: Map<string, string>;
  readonly workers: Map<string, WorkerRow>;
  readonly apps: Map<string, DeployedApp>;
  /** Those who are told of hints, of all handles. */
  readonly listeners: Set<(hint: Hint) => void>;
}

interface WorkerRow extends Omit<WorkerState, "expiresInMs"> {
  readonly beats: number;
  readonly expiresAt: Date;
}

export interface SpaceRows {
  readonly runs: Set<RunRows>;
  readonly lists: Map<ListId, readonly string[]>;
  readonly sessions: Map<string, SessionRow>;
  deletedAt: Date | undefined;
}

export interface RunRows {
  readonly space: SpaceRows;
  run: Omit<Run, "readyInMs">;
  readyAt: Date | undefined;
  /** The entry numbered `n` stands at `n - 1`, and so do the control messages. */
  readonly entries: Entry[];
  readonly control: Control[];
  readonly waits: Map<number, WaitRow>;
}

export interface WaitRow extends Omit<Wait, "dueInMs"> {
  readonly dueAt: Date | undefined;
  readonly isClosed: boolean;
}

interface SessionRow {
  readonly session: StoredSession;
  readonly list: ListId | undefined;
}

/** An empty database. `now` is its clock, the system's by default: it dates rows and orders none. */
export function memoryDatabase({
  now = () => new Date(),
}: {
  readonly now?: () => Date;
} = {}): MemoryDatabase {
  const workers = { workers: new Map(), apps: new Map(), listeners: new Set<never>() };
  return { now, spaces: new Map(), runs: new Map(), names: new Map(), ...workers };
}
