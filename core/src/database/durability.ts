// A commit that was acknowledged is on disk, whatever the role or the database sets: what Holdfast
// promises begins with that. A connection of our own is told so; one that a pooler shares with others
// must come that way.
import type { ClientBase, QueryConfig } from "pg";
import { HoldfastError } from "../errors/index.ts";

/**
 * `remote_apply` promises more than `on` and stays. And what a process that is stopped, or cut off, holds
 * locked in the middle of an append, others are to have by the time its lease is over.
 */
const DURABLE = `select
  case when current_setting('synchronous_commit') <> 'remote_apply'
    then set_config('synchronous_commit', 'on', false) end,
  case when current_setting('idle_in_transaction_session_timeout') = '0'
    then set_config('idle_in_transaction_session_timeout', '10s', false) end`;

export async function makeDurable(client: ClientBase, timeoutMs: number): Promise<void> {
  const query: QueryConfig & { readonly query_timeout: number } = {
    text: DURABLE,
    query_timeout: timeoutMs,
  };
  await client.query(query);
}

/** Throws DATABASE_NOT_DURABLE for a `synchronous_commit` under which commits can be lost. */
export function assertDurable(
  found: string,
  { place, user }: { readonly place: string; readonly user: string },
): void {
  if (found === "on" || found.startsWith("remote_")) return;
  throw new HoldfastError(
    "DATABASE_NOT_DURABLE",
    `The connections that a pooler hands out at ${place} have synchronous_commit = ${found}: what was acknowledged could be lost.`,
    {
      hint: `Run: ALTER ROLE "${user}" SET synchronous_commit = on; then let the pooler reconnect. Or connect to the server itself, where Holdfast sees to it.`,
      details: { expected: "on", found },
    },
  );
}
