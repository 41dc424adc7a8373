/** What the tables of Holdfast take on disk and in the write-ahead log. */
import { ask } from "./bench-server.ts";

export interface StorageSize {
  /** Tables with their indexes and TOAST, in whole pages. */
  readonly disk: number;
  /** Their rows alone, with row headers. */
  readonly rows: number;
}

const TABLES = ["spaces", "runs", "steps", "items", "lists", "sessions", "control"];

/** Vacuums first, so that versions of rows nobody sees any more are not counted twice. */
export async function storageSize(url: string): Promise<StorageSize> {
  for (const table of TABLES) await ask(url, `vacuum (analyze) holdfast.${table}`);
  const sum = (of: (table: string) => string): string => TABLES.map(of).join(" + ");
  const [size] = await ask<{ disk: string; rows: string }>(
    url,
    `select ${sum((table) => `pg_total_relation_size('holdfast.${table}')`)} as disk,
            ${sum((table) => `(select coalesce(sum(pg_column_size(t)), 0) from holdfast.${table} t)`)} as rows`,
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
