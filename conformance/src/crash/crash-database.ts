/** A database that processes come to and die on. */
import { memoryDatabase, openMemoryStore, openStore, type Store } from "@holdfast/core/store";

export interface CrashDatabase {
  /** What one process more opens. */
  open(): Promise<Store>;
  /** Lets the lease of a dead worker run out, as time would. */
  expire(workerId: string): Promise<void>;
}

export function inMemory(): CrashDatabase {
  const database = memoryDatabase();
  return {
    open: async () => openMemoryStore(database),
    expire: async (workerId) => void database.workers.delete(workerId),
  };
}

/** Something that runs SQL: a pool of `pg`. */
export interface Sql {
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** @param sql a connection to the same database, of nobody who dies */
export function onPostgres(url: string, sql: Sql): CrashDatabase {
  return {
    open: () => openStore({ database: url }),
    async expire(workerId) {
      const expire = "update holdfast.workers set expires_at = now() where worker_id = $1";
      await sql.query(expire, [workerId]);
    },
  };
}
