import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { openStore, type Store, type StoreOptions } from "../../src/store/index.ts";
import { asAdmin, databaseUrl, dropDatabase } from "./postgres.ts";

export interface TestDatabase {
  readonly url: string;
  /** For looking at rows from outside. */
  readonly pool: pg.Pool;
  /** A store on this database, closed after the file. Each has its own memory, as a process has. */
  open(options?: StoreOptions): Promise<Store>;
}

/** A database of this test file's own, made from the template and dropped after the file. */
export function testDatabase({ migrated = true }: { migrated?: boolean } = {}): TestDatabase {
  const name = `holdfast_test_${randomBytes(6).toString("hex")}`;
  const adminUrl = inject("adminUrl");
  const url = databaseUrl(adminUrl, name);
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  pool.on("error", () => {}); // Tests kill connections.
  const stores: Store[] = [];

  beforeAll(async () => {
    const template = migrated ? ` template ${inject("template")}` : "";
    await asAdmin(adminUrl, `create database ${name}${template}`);
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await pool.end();
    await dropDatabase(adminUrl, name);
  });

  return {
    url,
    pool,
    async open(options = {}) {
      const store = await openStore({ database: url, ...options });
      stores.push(store);
      return store;
    },
  };
}
