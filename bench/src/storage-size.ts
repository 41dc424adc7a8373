/** What tables take on disk and in the write-ahead log. */
import { ask } from "./bench-server.ts";

export interface StorageSize {
  /** Tables with their indexes and TOAST, in whole pages. */
  readonly disk: number;
  /** Their rows alone, with row headers. */
  readonly rows: number;
}

const HOLDFAST = ["spaces", "runs", "steps", "items", "lists", "sessions", "control"].map(
  (table) => `holdfast.${table}`,
);

/**
 * Vacuums first, so that versions of rows nobody sees any more are not counted twice. Default: the tables
 * of Holdfast.
 */
export async function storageSize(
  url: string,
  tables: readonly string[] = HOLDFAST,
): Promise<StorageSize> {
  for (const table of tables) await ask(url, `vacuum (analyze) ${table}`);
  const sum = (of: (table: string) => string): string => tables.map(of).join(" + ");
  const [size] = await ask<{ disk: string; rows: string }>(
    url,
    `select ${sum((table) => `pg_total_relation_size('${table}')`)} as disk,
            ${sum((table) => `(select coalesce(sum(pg_column_size(t)), 0) from ${table} t)`)} as rows`,
  );
  return { disk: Number(size!.disk), rows: Number(size!.rows) };
}

/** How far the server's log has come, in bytes. Only differences mean anything. */
export async function walPosition(url: string): Promise<number> {
  const [row] = await ask<{ at: string }>(
    url,
    "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as at",
  );
  return Number(row!.at);
}
