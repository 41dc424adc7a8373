// The port of a cluster stays the same across restarts, so that pools that lost their connections
// find the server again. It is derived from the place of the cluster, in a range from which systems
// do not give out ports by themselves.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { Layout } from "./layout.ts";

const FIRST = 21_000;
const RANGE = 4_000;

/** The port used last, else one derived from the path, else any; always one that is free now. */
export async function choosePort(layout: Layout): Promise<number> {
  const last = Number(await readFile(layout.port, "utf8").catch(() => "0"));
  const offset = createHash("sha256").update(layout.cluster).digest().readUInt32BE() % RANGE;
  const derived = Array.from({ length: 8 }, (_, i) => FIRST + ((offset + i * 97) % RANGE));
  for (const port of [last, ...derived]) {
    if (port > 0 && (await listenOnce(port)) !== undefined) return port;
  }
  return (await listenOnce(0)) ?? 0;
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
