import { writeFile } from "node:fs/promises";
import { type Logger, silentLogger } from "../logger.ts";
import { acquire } from "./acquire.ts";
import { type EmbeddedPostgres, EmbeddedServer } from "./embedded-postgres.ts";
import { homeDirectory } from "./home.ts";

export interface EmbeddedOptions {
  /** Default: HOLDFAST_HOME, else `.holdfast` beside the package.json of the project. */
  readonly dir?: string;
  /** Default: 60 000. */
  readonly timeoutMs?: number;
  /** Leave the server running after the last process has left. Default: false. */
  readonly keep?: boolean;
  readonly logger?: Logger;
}

/**
 * Attaches to the PostgreSQL of this project, or starts it, or makes it. Rejects with an
 * `EMBEDDED_…` error.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const began = performance.now();
  const home = homeDirectory(options.dir);
  const logger = options.logger ?? silentLogger;
  const timeoutMs = options.timeoutMs ?? 60_000;
  const acquired = await acquire({ home, timeoutMs, logger, create: true });
  if (options.keep) await writeFile(acquired.layout.keep, "");
  return new EmbeddedServer(home, acquired, Math.round(performance.now() - began), logger);
}
