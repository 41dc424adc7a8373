/**
 * One Postgres for all tests of a run: the server HOLDFAST_TEST_DATABASE_URL names, else the
 * embedded one. Makes a migrated template, so that each test file gets a database of its own in
 * about 100 ms (see test-database.ts).
 */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrate } from "../../src/database/migrate.ts";
import { startEmbedded } from "../../src/embedded/index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A role that may create databases. */
    readonly adminUrl: string;
    readonly template: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.HOLDFAST_TEST_DATABASE_URL;
  const dir = fileURLToPath(new URL("../../../.holdfast/test", import.meta.url));
  const embedded = given === undefined ? await startEmbedded({ dir }) : undefined;
  const adminUrl = given ?? embedded!.url;
  const template = `holdfast_template_${randomBytes(6).toString("hex")}`;

  await asAdmin(adminUrl, `create database ${template}`);
  const pool = new pg.Pool({ connectionString: databaseUrl(adminUrl, template), max: 1 });
  await migrate(pool);
  await pool.end();

  project.provide("adminUrl", adminUrl);
  project.provide("template", template);
  return async () => {
    await asAdmin(adminUrl, `drop database ${template}`);
    await embedded?.close();
  };
}

export function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

export async function asAdmin(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * Drops it when its connections are closed: `pool.end()` does not wait for that, and a client that is
 * cut off while nobody listens to it ends the tests. The server itself waits for them, for 5 s.
 */
export async function dropDatabase(adminUrl: string, database: string): Promise<void> {
  await asAdmin(adminUrl, `drop database ${database}`).catch(() =>
    asAdmin(adminUrl, `drop database ${database} with (force)`),
  );
}
