/** A worker that is entered for a test, with what it is told, and its row as others see it. */
import { hostname } from "node:os";
import type { Pool } from "pg";
import { onTestFinished, vi } from "vitest";
import { type DatabaseOptions, openDatabase } from "../../src/database/index.ts";
import { newId, type Presence } from "../../src/store/index.ts";
import { enterPostgres } from "../../src/store/workers/postgres-presence.ts";

export interface EnteredWorker {
  readonly id: string;
  readonly presence: Presence;
  readonly hints: readonly string[];
  readonly noticed: readonly string[];
  isBuried(): boolean;
  /** Resolves when the condition holds. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
  /** Nothing if there is no row of it. */
  row(): Promise<WorkerRow | undefined>;
  /** Ends its session as an administrator would. Resolves when the server has. */
  terminateSession(): Promise<void>;
}

interface WorkerRow {
  readonly beats: number;
  readonly serves: string | null;
  readonly lock: number | null;
  /** Whether a session holds the lock that it names. */
  readonly isHeld: boolean;
  readonly isExpired: boolean;
}

export interface EnterOptions extends DatabaseOptions {
  /** Default: 3 s. */
  readonly leaseMs?: number;
}

/** `outside` looks at the database without passing whatever the worker passes. */
export async function enterWorker(
  outside: Pool,
  { leaseMs = 3000, ...options }: EnterOptions,
): Promise<EnteredWorker> {
  const database = await openDatabase(options);
  onTestFinished(() => database.close());
  const control = database.pool("control", { max: 1 });
  const hints: string[] = [];
  const noticed: string[] = [];
  let isBuried = false;
  const id = newId();
  const presence = await enterPostgres({
    database,
    control,
    worker: { id, leaseMs, host: hostname(), pid: process.pid },
    told: {
      buried: () => {
        isBuried = true;
      },
      noticed: (message, fields) => noticed.push(`${message} ${JSON.stringify(fields ?? {})}`),
    },
    onHint: (payload) => hints.push(payload),
    onReleased: () => {},
  });
  onTestFinished(() => presence.leave());

  const row = async () => {
    const { rows } = await outside.query<WorkerRow>(
      `select beats::float8 as beats, serves, lock, expires_at < now() as "isExpired",
              exists (select from pg_locks
                      where locktype = 'advisory' and objid::bigint = w.lock) as "isHeld"
       from holdfast.workers w where worker_id = $1`,
      [id],
    );
    return rows[0];
  };
  return {
    id,
    presence,
    hints,
    noticed,
    isBuried: () => isBuried,
    until: (condition) =>
      vi.waitUntil(condition, { timeout: 20_000, interval: 5 }).then(() => undefined),
    row,
    async terminateSession() {
      const lock = (await row())?.lock;
      const { rowCount } = await outside.query(
        `select pg_terminate_backend(pid, 5000) from pg_locks
         where locktype = 'advisory' and objid::bigint = $1`,
        [lock],
      );
      if (rowCount !== 1) throw new Error(`Worker ${id} has no session to terminate.`);
    },
  };
}
