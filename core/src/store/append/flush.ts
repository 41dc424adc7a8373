/**
 * Sends one plan: entries alone as a single statement, otherwise all that it takes as one
 * transaction, pipelined into one round trip and one flush of the log.
 */
import type { Pool, PoolClient, QueryResult } from "pg";
import { isTransient } from "../transient.ts";
import { keyOfRow, type Plan, type RowName } from "./plan.ts";
import { type Statement, statementsOf } from "./statements-of.ts";

/** The keys (see `keyOfRow`) of the rows that were accepted and are durable now. */
export async function flush(pool: Pool, plan: Plan, timeoutMs: number): Promise<Set<string>> {
  const statements = statementsOf(plan);
  const client = await pool.connect();
  try {
    const results = await send(client, statements, timeoutMs);
    client.release();
    return new Set(statements.flatMap(({ into }, index) => acceptedBy(into, results[index]!)));
  } catch (error) {
    // After a lost connection or a time-out nobody knows what is still on the wire.
    client.release(isTransient(error));
    throw error;
  }
}

type Result = QueryResult<{ run_id: string; seq: number; slot: string }>;

async function send(
  client: PoolClient,
  statements: readonly Statement[],
  timeoutMs: number,
): Promise<readonly Result[]> {
  const query = (statement: Statement | { readonly text: string }): Promise<Result> => {
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

function acceptedBy(into: RowName["into"] | undefined, { rows }: Result): readonly string[] {
  if (into === undefined) return [];
  return rows.map(({ run_id: runId, seq, slot }) => keyOfRow({ runId }, { into, seq, slot }));
}
