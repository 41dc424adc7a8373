export { type Database, type DatabaseOptions, openDatabase } from "./open-database.ts";
export type { OwnPoolOptions } from "./own-pool.ts";
