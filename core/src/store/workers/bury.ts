/**
 * Ends workers that are dead, and makes ready what they held. Invariant: a worker is buried only if
 * what spoke for its death still does at that moment, and then every run it held is found: a claim
 * keeps its worker's row locked until it is committed, and the runs are looked for after the row is
 * gone. A worker that was buried while it lives learns it at its next beat.
 */
import type { Pool, PoolClient } from "pg";
import { bucketOf } from "../id.ts";
import { inTransaction } from "../transaction.ts";
import { LIVES, UP_FOR_A_LEASE } from "./lives.ts";
import { isGone, placeOf } from "./process-identity.ts";
import type { NewWorker, Suspect } from "./worker.ts";

/** The first key of the locks that sessions of workers hold; the second is their own. */
export const LOCK_CLASS = 0x686f6c64;

const HOLDS_LOCK = `
    exists (select 1 from pg_locks l
            where l.locktype = 'advisory' and l.classid = ${LOCK_CLASS} and l.objid::bigint = w.lock
              and l.objsubid = 2 and l.granted
              and l.database = (select oid from pg_database where datname = current_database()))`;

const IS_EXPIRED = `not ${LIVES}`;
/** A server that comes up has no locks: for as long as a lease they say nothing. */
const IS_SILENT = `w.lock is not null and not ${HOLDS_LOCK} and ${UP_FOR_A_LEASE}`;

/** The processes that share the place of this one are named: only they can be seen from here. */
const SELECT_SUSPECTS = {
  name: "holdfast_select_suspects_1",
  text: `
    select w.worker_id, w.beats::float8 as beats, ${IS_EXPIRED} as expired, ${IS_SILENT} as silent,
           case when starts_with(w.process, $2) then w.process end as process
    from holdfast.workers w
    where w.worker_id <> $1
      and (${IS_EXPIRED} or (${IS_SILENT}) or starts_with(w.process, $2))`,
};

const DELETE_WORKER = {
  name: "holdfast_delete_worker_1",
  text: `
    delete from holdfast.workers w
    where w.worker_id = $1
      and case $2
            when 'expired' then ${IS_EXPIRED}
            when 'gone' then w.lock is null or not ${HOLDS_LOCK}
            when 'silent' then w.beats = $3 and ${IS_SILENT}
            else true
          end`,
};

/** Released in the order in which flushes lock them. */
const RELEASE_RUNS = {
  name: "holdfast_release_runs_1",
  text: `
    update holdfast.runs r
    set worker_id = null, status = 'queued', why = null, blocked = null, ready_at = now()
    from (select bucket, run_id from holdfast.runs where worker_id = $1
          order by bucket, run_id for no key update) held
    where r.bucket = held.bucket and r.run_id = held.run_id and r.worker_id = $1
    returning r.app`,
};

interface SuspectRow {
  readonly worker_id: string;
  readonly beats: number;
  readonly process: string | null;
  readonly expired: boolean;
  readonly silent: boolean;
}

export async function readSuspects(pool: Pool, self: NewWorker): Promise<readonly SuspectRow[]> {
  // A process whose place is not known shares it with nobody.
  const place = self.process === undefined ? "nowhere" : placeOf(self.process);
  const { rows } = await pool.query<SuspectRow>({ ...SELECT_SUSPECTS, values: [self.id, place] });
  return rows;
}

/** What speaks for its death, strongest first; nobody, if nothing does. */
export function suspectOf(row: SuspectRow): readonly Suspect[] {
  const { worker_id: workerId, beats, process, expired, silent } = row;
  if (expired) return [{ workerId, beats, why: "expired" }];
  // Of a process that can be seen, its session says nothing more: it may be slow to come back.
  if (process !== null) return isGone(process) ? [{ workerId, beats, why: "gone" }] : [];
  return silent ? [{ workerId, beats, why: "silent" }] : [];
}

/** The apps of the runs that are ready now; undefined if it is not dead. */
export function bury(
  pool: Pool,
  { workerId, beats, why }: Suspect,
): Promise<readonly string[] | undefined> {
  return end(pool, workerId, [why, beats]);
}

/** For a worker that leaves by itself. */
export async function retire(pool: Pool, workerId: string): Promise<readonly string[]> {
  return (await end(pool, workerId, ["left", 0])) ?? [];
}

function end(
  pool: Pool,
  workerId: string,
  reason: readonly [string, number],
): Promise<readonly string[] | undefined> {
  bucketOf(workerId);
  return inTransaction(pool, async (client: PoolClient) => {
    const values = [workerId, ...reason];
    const { rowCount } = await client.query({ ...DELETE_WORKER, values });
    if (rowCount !== 1) return undefined;
    const { rows } = await client.query<{ app: string }>({ ...RELEASE_RUNS, values: [workerId] });
    return [...new Set(rows.map(({ app }) => app))];
  });
}
