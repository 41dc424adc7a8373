export { type Database, type DatabaseOptions, openDatabase } from "./open-database.ts";
export type { SessionTarget } from "./session-target.ts";
