// A process that uses the embedded database, as a user's program would. It tells on stdout what
// happens, one JSON document a line, and in mode `hold` takes commands from stdin.
import { createInterface } from "node:readline";
import type { Logger } from "../../../src/logger.ts";
import type { ProgramOptions } from "./scratch.ts";

const { home, mode, timeoutMs } = JSON.parse(process.argv[2] ?? "") as ProgramOptions;
const source = process.env.HOLDFAST_TEST_SOURCE ?? new URL("../../../src/", import.meta.url).href;
const { startEmbedded } = (await import(
  `${source}embedded/index.ts`
)) as typeof import("../../../src/embedded/index.ts");

function tell(event: string, fields: object = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}

const log = (message: string): void => tell(message);
const logger: Logger = { debug: log, info: log, warn: log, error: log };

try {
  const server = await startEmbedded({
    dir: home,
    logger,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  const { how, pid, port, ms, dir } = server;
  tell("ready", { how, pid, port, ms, dir, self: process.pid });
  if (mode === "leave") {
    await server.close();
    tell("closed");
  }
  if (mode === "hold") {
    createInterface({ input: process.stdin }).on("line", async (command) => {
      if (command === "close") await server.close();
      if (command === "close") process.exit(0);
      if (command === "where") tell("where", { port: server.port, pid: server.pid });
      // From here on nothing but the embedded server could keep the process alive.
      if (command === "release") process.stdin.destroy();
    });
  }
} catch (error) {
  const { code, message } = error as { code?: string; message?: string };
  tell("failed", { code, message });
}
