import type { PayloadCipher } from "../cipher/index.ts";
import { type DatabaseOptions, openDatabase } from "../database/index.ts";
import { isMigrated, migrate } from "../database/migrate.ts";
import { type AppendLimits, DEFAULT_APPEND_LIMITS } from "./append/appender.ts";
import { onePostgres } from "./placement.ts";
import { PostgresStore } from "./postgres-store.ts";
import { SpaceCiphers } from "./space-ciphers.ts";
import type { Store } from "./store.ts";
import { withRetries } from "./transient.ts";

const MIGRATION_PATIENCE_MS = 10_000;

export interface StoreOptions extends DatabaseOptions {
  /** Encrypts everything said before it reaches the database. Default: nothing is encrypted. */
  readonly encrypt?: PayloadCipher;
  readonly limits?: Partial<AppendLimits>;
}

/**
 * Opens the store: finds the database (`database`, else `HOLDFAST_DATABASE_URL`, else the embedded
 * Postgres) and brings its schema up to date. Fails with a `DATABASE_…`, `EMBEDDED_…` or `SCHEMA_…`
 * error, or STORE_UNAVAILABLE if the database goes away meanwhile, and leaves nothing open then.
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const database = await openDatabase(options);
  const limits = { ...DEFAULT_APPEND_LIMITS, ...options.limits };
  const control = database.pool("control", { max: 1, answerMs: limits.tryMs });
  // Not connected before there is something to do.
  const chores = database.pool("chores", { max: 1 });
  try {
    // The database was there a moment ago: one that restarts just now is waited for.
    await withRetries(MIGRATION_PATIENCE_MS, async () => {
      if (!(await isMigrated(control))) await migrate(chores);
    });
  } catch (error) {
    await database.close();
    throw error;
  }
  return new PostgresStore({
    database,
    placement: onePostgres({
      append: database.pool("append", { max: 1, pipeline: true, planOnce: true }),
      control,
      chores,
    }),
    ciphers: new SpaceCiphers(options.encrypt),
    limits,
  });
}
