/**
 * What the database says of the runs, while they run and when all have ended. Invariants that are checked:
 * epochs and journals only grow; journals have no hole; whoever begins a step again has a later epoch than
 * the one before; every step that was begun has come to something; nobody holds anything any more.
 */
import type { Entry, Store } from "@holdfast/core/store";
import { journalViolations, rerunSteps } from "../crash/index.ts";
import { journalOf, printJournal } from "../crash/journal-of.ts";
import type { Sql } from "./sql.ts";

interface RunRow {
  readonly run_id: string;
  readonly status: string;
  readonly epoch: number;
  readonly why: string | null;
  readonly last: number;
}

const RUNS = `
  select r.run_id, r.status, r.epoch, r.why,
         (select coalesce(max(s.seq), 0) from holdfast.steps s
          where s.bucket = r.bucket and s.run_id = r.run_id) as last
  from holdfast.runs r`;

const LEFTOVERS = `
  select (select count(*)::int from holdfast.runs where worker_id is not null) as held,
         (select count(*)::int from holdfast.runs
          where worker_id is not null and worker_id not in (select worker_id from holdfast.workers)
         ) as "heldByNobody",
         (select count(*)::int from holdfast.runs where ready_at is not null or blocked is not null) as ready,
         (select count(*)::int from holdfast.waits where closed_at is null) as waits`;

const STUCK = `
  select r.run_id, r.status, r.epoch, r.why, r.worker_id, r.ready_at - now() as ready_in, r.blocked,
         w.worker_id is not null as is_known, w.expires_at - now() as expires_in,
         (select json_agg(json_build_array(q.seq, q.kind, q.name, q.due_at - now()))
          from holdfast.waits q
          where q.bucket = r.bucket and q.run_id = r.run_id and q.closed_at is null) as waits
  from holdfast.runs r left join holdfast.workers w on w.worker_id = r.worker_id
  where r.status <> 'completed' order by r.created_at limit 20`;

/** What the runs came to so far, and whether that can be. */
export class Progress {
  readonly #seen = new Map<string, RunRow>();
  readonly violations: string[] = [];
  readonly failed: string[] = [];
  completed = 0;
  runs = 0;

  async look(sql: Sql): Promise<void> {
    const { rows } = await sql.query<RunRow>(RUNS);
    for (const row of rows) {
      const { run_id: id, epoch, last, status } = row;
      const before = this.#seen.get(id);
      this.#seen.set(id, row);
      if (before !== undefined && (epoch < before.epoch || last < before.last)) {
        this.violations.push(
          `Run ${id} went back from epoch ${before.epoch}, entry ${before.last} to ${epoch}, ${last}.`,
        );
      }
      if (before?.status === "completed" && status !== "completed") {
        this.violations.push(`Run ${id} was completed and is ${status}.`);
      }
      if (status === "failed" && before?.status !== status) {
        this.failed.push(id);
        this.violations.push(`Run ${id} has failed.`);
      }
      if (row.why?.includes("diverge") && before?.why !== row.why) {
        this.violations.push(`Run ${id} is ${status}: ${row.why}`);
      }
    }
    this.runs = rows.length;
    this.completed = rows.filter(({ status }) => status === "completed").length;
  }
}

/** For people: what has not ended, and why. */
export async function stuckRuns(sql: Sql): Promise<string> {
  const { rows } = await sql.query(STUCK);
  return rows.map((row) => JSON.stringify(row)).join("\n");
}

export interface RecordCounts {
  readonly entries: number;
  readonly attempts: number;
  /** Attempts that followed one which neither ended nor rested: its worker had gone. */
  readonly restarted: number;
}

/** Once all runs have ended. */
export async function checkRecords(
  sql: Sql,
  store: Store,
): Promise<{ readonly violations: readonly string[]; readonly counts: RecordCounts }> {
  const violations: string[] = [];
  const { rows: found } = await sql.query<Record<string, number>>(LEFTOVERS);
  for (const [what, count] of Object.entries(found[0]!)) {
    if (count > 0) violations.push(`At the end ${count} are left: ${what}.`);
  }
  const { rows } = await sql.query<RunRow>(RUNS);
  let [entries, attempts, restarted] = [0, 0, 0];
  for (const { run_id: runId, epoch } of rows) {
    const journal = await journalOf(store, runId);
    const wrong = violationsOf(journal, epoch).map((what) => `Run ${runId}: ${what}`);
    if (wrong.length > 0) violations.push(...wrong, printJournal(journal));
    entries += journal.length;
    attempts += journal.filter(({ entry }) => entry === "attempt").length;
    restarted += journal.filter(({ entry }) => entry === "restarted").length;
  }
  return { violations, counts: { entries, attempts, restarted } };
}

function violationsOf(journal: readonly Entry[], epoch: number): readonly string[] {
  const found = [...journalViolations(journal)];
  for (const step of rerunSteps(journal)) found.push(`Step ${step} was begun after its end.`);
  /** Of each step, the epoch of the body that is under way. */
  const underWay = new Map<number, number>();
  let attempt = 0;
  for (const { seq, epoch: at, entry, step = seq } of journal) {
    switch (entry) {
      case "attempt":
        if (at <= attempt) found.push(`Attempt ${seq} of epoch ${at} follows one of ${attempt}.`);
        attempt = at;
        break;
      case "started":
      case "restarted": {
        const before = underWay.get(step);
        if (before !== undefined && before >= at) {
          found.push(`Step ${step} was begun twice in epoch ${at}.`);
        }
        underWay.set(step, at);
        break;
      }
      case "finished":
      case "failed":
      case "try failed":
      // A question that an execution had not come to yet when it was left: it is asked anew.
      case "withdrawn":
        underWay.delete(step);
        break;
      case "reordered":
      case "diverged":
      case "drift":
        found.push(`Its journal says "${entry}".`);
    }
  }
  for (const step of underWay.keys()) found.push(`Step ${step} has begun, and come to nothing.`);
  if ((journal.at(-1)?.epoch ?? 0) > epoch)
    found.push(`It is of epoch ${epoch}, and has later ones.`);
  return found;
}
