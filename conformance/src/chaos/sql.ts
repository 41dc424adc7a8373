/** A look at the database from outside, as nobody who is judged. */
import { type Database, openDatabase } from "../../../core/src/database/index.ts";

export type Sql = ReturnType<Database["pool"]>;

export interface OpenSql {
  readonly sql: Sql;
  close(): Promise<void>;
}

export async function openSql(url: string): Promise<OpenSql> {
  const database = await openDatabase({ database: url });
  return { sql: database.pool("chaos", { max: 4 }), close: () => database.close() };
}

/** One statement, such as a pool of a database cannot run that the statement makes. */
export async function runSql(url: string, statement: string): Promise<void> {
  const { sql, close } = await openSql(url);
  try {
    await sql.query(statement);
  } finally {
    await close();
  }
}
