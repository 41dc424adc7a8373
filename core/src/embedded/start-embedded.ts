import { type Logger, silentLogger } from "../logger.ts";
import { acquire } from "./acquire.ts";
import { type EmbeddedPostgres, EmbeddedServer } from "./embedded-postgres.ts";
import { homeDirectory } from "./home.ts";
import { patience } from "./patience.ts";
import { replaceFile } from "./replace-file.ts";

export interface EmbeddedOptions {
  /** Default: HOLDFAST_HOME, else `.holdfast` beside the package.json of the project. */
  readonly dir?: string | undefined;
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
  const acquired = await acquire({
    home,
    patience: patience(options.timeoutMs ?? 60_000, true),
    logger,
    create: true,
  });
  const ms = Math.round(performance.now() - began);
  // At once: whoever holds the connection listens to its end.
  const server = new EmbeddedServer(home, acquired, ms, logger);
  if (options.keep) await replaceFile(acquired.layout.keep, "");
  return server;
}
