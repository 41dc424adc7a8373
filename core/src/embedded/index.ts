export type { EmbeddedPostgres } from "./embedded-postgres.ts";
export { type EmbeddedOptions, startEmbedded } from "./start-embedded.ts";
