/**
 * The server that is measured: the one a URL names, else an embedded Postgres of the bench's own.
 * Each measurement gets an empty database, dropped afterwards.
 */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startEmbedded } from "@holdfast/core/embedded";
import pg from "pg";

export interface BenchServer {
  /** "PostgreSQL 18.4 (embedded)". */
  readonly description: string;
  /** Calls `work` with the URL of an empty database, and drops that afterwards. */
  withDatabase<T>(work: (url: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Rejects when the server cannot be reached or started. */
export async function openBenchServer(url: string | undefined): Promise<BenchServer> {
  const dir = fileURLToPath(new URL("../../.holdfast/bench", import.meta.url));
  const embedded = url === undefined ? await startEmbedded({ dir }) : undefined;
  const adminUrl = url ?? embedded!.url;
  const [row] = await ask<{ version: string }>(
    adminUrl,
    "select split_part(current_setting('server_version'), ' ', 1) as version",
  );
  return {
    description: `PostgreSQL ${row!.version}${embedded === undefined ? "" : " (embedded)"}`,
    async withDatabase(work) {
      const name = `holdfast_bench_${randomBytes(6).toString("hex")}`;
      await ask(adminUrl, `create database ${name}`);
      const own = new URL(adminUrl);
      own.pathname = `/${name}`;
      try {
        return await work(own.href);
      } finally {
        await ask(adminUrl, `drop database ${name} with (force)`);
      }
    },
    close: async () => embedded?.close(),
  };
}

/** One statement on a connection of its own. */
export async function ask<Row extends pg.QueryResultRow>(
  url: string,
  statement: string,
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
