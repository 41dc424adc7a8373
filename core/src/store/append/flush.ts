/**
 * Sends one plan: entries alone as a single statement, otherwise items, lists, entries and sessions
 * as one transaction, pipelined into one round trip and one flush of the log.
 */
import type { Pool, PoolClient, QueryResult, QueryResultRow } from "pg";
import { isTransient } from "../transient.ts";
import type { Plan } from "./plan.ts";
import type { RunHold } from "./row.ts";
import { INSERT_ITEMS, INSERT_LISTS, INSERT_STEPS, WRITE_SESSIONS } from "./statements.ts";

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** The keys (see `keyOfRow`) of the rows that were accepted and are durable now. */
export async function flush(pool: Pool, plan: Plan, timeoutMs: number): Promise<Set<string>> {
  const client = await pool.connect();
  try {
    const results = await send(client, statementsOf(plan), timeoutMs);
    client.release();
    return new Set(results.flatMap(({ rows }) => rows.map(acceptedKey)));
  } catch (error) {
    // After a lost connection or a time-out nobody knows what is still on the wire.
    client.release(isTransient(error));
    throw error;
  }
}

async function send(
  client: PoolClient,
  statements: readonly Statement[],
  timeoutMs: number,
): Promise<readonly QueryResult<QueryResultRow>[]> {
  const query = (statement: Statement | { readonly text: string }) => {
    const config = { ...statement, query_timeout: timeoutMs };
    return client.query(config);
  };
  if (statements.length === 1) return [await query(statements[0]!)];

  const sent = [{ text: "begin" }, ...statements, { text: "commit" }].map(query);
  const settled = await Promise.allSettled(sent);
  const results = settled.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  return results.slice(1, -1);
}

function acceptedKey(row: QueryResultRow): string {
  const { run_id, seq, slot } = row as { run_id: string; seq?: number; slot?: string };
  return slot === undefined ? `${run_id} ${seq}` : `${run_id}/${slot}`;
}

function statementsOf({ items, lists, entries, sessions }: Plan): readonly Statement[] {
  const statements: Statement[] = [];
  if (items.length > 0) {
    statements.push({
      ...INSERT_ITEMS,
      values: [
        ...distinctKeys(items, "spaceId"),
        items.map(({ hold }) => hold.spaceId),
        items.map(({ sweeps }) => sweeps),
        items.map(({ hash }) => hash),
        items.map(({ hold, text }) => hold.cipher.seal(text)),
      ],
    });
  }
  if (lists.length > 0) {
    statements.push({
      ...INSERT_LISTS,
      values: [
        ...distinctKeys(lists, "spaceId"),
        lists.map(({ hold }) => hold.spaceId),
        lists.map(({ sweeps }) => sweeps),
        lists.map(({ node }) => node.hash),
        lists.map(({ node }) => node.parent),
        lists.map(({ node }) => node.keep),
        lists.map(({ node }) => node.delta),
      ],
    });
  }
  if (entries.length > 0) {
    statements.push({
      ...INSERT_STEPS,
      values: [
        ...distinctKeys(entries, "runId"),
        entries.map(({ hold }) => hold.runId),
        entries.map(({ hold }) => hold.epoch),
        entries.map(({ hold }) => hold.sweeps),
        entries.map(({ row }) => row.seq),
        entries.map(({ row }) => row.entry),
        entries.map(({ row }) => row.step),
        entries.map(({ row }) => row.kind),
        entries.map(({ row }) => row.name),
        entries.map(({ row }) => row.scope),
        entries.map(({ row }) => row.callId),
        entries.map(({ row }) => row.hash),
        entries.map(({ row }) => row.overlapped),
        entries.map(({ row }) => row.list?.hash ?? null),
        entries.map(({ row }) => row.value.body),
        entries.map(({ row }) => row.value.item?.hash ?? null),
      ],
    });
  }
  if (sessions.length > 0) {
    statements.push({
      ...WRITE_SESSIONS,
      values: [
        ...distinctKeys(sessions, "runId"),
        sessions.map(({ hold }) => hold.runId),
        sessions.map(({ hold }) => hold.epoch),
        sessions.map(({ hold }) => hold.sweeps),
        sessions.map(({ row }) => row.slot),
        sessions.map(({ row }) => row.list?.hash ?? null),
        sessions.map(({ row }) => row.value.body),
        sessions.map(({ row }) => row.value.item?.hash ?? null),
      ],
    });
  }
  return statements;
}

/** The buckets and ids of what the rows belong to, each once, side by side. */
function distinctKeys(
  rows: readonly { readonly hold: RunHold }[],
  id: "runId" | "spaceId",
): [buckets: number[], ids: string[]] {
  const buckets = new Map(rows.map(({ hold }) => [hold[id], hold.bucket]));
  return [[...buckets.values()], [...buckets.keys()]];
}
