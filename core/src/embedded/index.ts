export type { EmbeddedPostgres } from "./embedded-postgres.ts";
export { type EmbeddedOptions, startEmbedded } from "./start-embedded.ts";
export {
  type EmbeddedStatus,
  embeddedStatus,
  type RunningServer,
  stopEmbedded,
} from "./status.ts";
