// Starts the postmaster of an existing cluster as a daemon: its own session, its own log file, no
// pipe to us, so it outlives this process. Those of Holdfast are launched one at a time; one that finds
// the data directory or the port taken, as by processes of a server that died, reports `busy`.
import { spawn } from "node:child_process";
import { closeSync, fchownSync, openSync } from "node:fs";
import { open, rename, stat } from "node:fs/promises";
import { HoldfastError } from "../errors/index.ts";
import { type Binaries, programPath } from "./binaries.ts";
import { explainFailure } from "./explain-failure.ts";
import { choosePort } from "./free-port.ts";
import type { Layout } from "./layout.ts";
import { isOver, type Patience, pause } from "./patience.ts";
import { readPostmaster } from "./postmaster.ts";
import { replaceFile } from "./replace-file.ts";
import { serverEnvironment } from "./run-as.ts";
import type { ServiceUser } from "./service-user.ts";
import type { StartTurn } from "./start-turn.ts";

const BUSY = [
  'lock file "postmaster.pid" already exists',
  'lock file "postmaster.pid" is empty', // another server is about to write it
  'bogus data in lock file "postmaster.pid"',
  "pre-existing shared memory block",
  "could not create any TCP/IP sockets",
];

const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

/** `busy`: another server has, or has not yet let go of, the data directory or the port. */
export type LaunchResult = "ready" | "busy";

export async function launch(
  layout: Layout,
  binaries: Binaries,
  user: ServiceUser | undefined,
  patience: Patience,
  turn: StartTurn,
): Promise<LaunchResult> {
  const port = await choosePort(layout);
  const logStart = await openLog(layout);
  if (!turn.announce()) return "busy";
  const log = openSync(layout.log, "a", 0o600);
  let child: ReturnType<typeof spawn>;
  try {
    if (user) fchownSync(log, user.uid, user.gid);
    const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
    child = spawn(
      programPath(binaries, "postgres"),
      ["-D", layout.data, "-p", String(port), ...settings],
      {
        cwd: layout.cluster,
        env: serverEnvironment(),
        detached: true,
        stdio: ["ignore", log, log],
        windowsHide: true,
        ...(user && { uid: user.uid, gid: user.gid }),
      },
    );
  } finally {
    closeSync(log);
  }
  let ended: string | undefined;
  child.on("error", (error: NodeJS.ErrnoException) => {
    ended = `spawn ${error.code ?? error.message}`;
  });
  child.on("exit", (code, signal) => {
    ended = `postgres ended with ${signal ?? `code ${code}`}`;
  });
  child.unref();

  while (!isOver(patience)) {
    const now = await readPostmaster(layout.data);
    if (now?.pid === child.pid && now?.status === "ready") {
      await replaceFile(layout.port, `${now.port}\n`).catch(() => {}); // a wish, not a need
      return "ready";
    }
    if (ended !== undefined) {
      const said = (await linesOf(layout, logStart, child.pid)) || ended;
      if (isBusy(said)) return "busy";
      throw await explainFailure(layout, said, "could not be started");
    }
    await pause(patience, 10);
  }
  turn.lapse();
  throw timedOut(layout);
}

export function timedOut(layout: Layout): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_START_FAILED",
    `The embedded PostgreSQL in ${layout.cluster} did not become ready in time.`,
    {
      hint: `Read ${layout.log}; a server that was killed may need longer to recover: give a longer \`timeoutMs\`.`,
      details: { directory: layout.cluster },
    },
  );
}

/** Where in the log the coming server begins to write. A long log is put aside first. */
async function openLog(layout: Layout): Promise<number> {
  const size = await stat(layout.log).then(
    (info) => info.size,
    () => 0,
  );
  if (size < LOG_LIMIT_BYTES) return size;
  await rename(layout.log, `${layout.log}.old`).catch(() => {});
  return 0;
}

/** What one process wrote to the log; several may write at once. */
async function linesOf(layout: Layout, start: number, pid: number | undefined): Promise<string> {
  const file = await open(layout.log).catch(() => undefined);
  if (!file) return "";
  try {
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(65_536),
      position: start,
    });
    const lines = buffer.toString("utf8", 0, bytesRead).split("\n");
    // Lines without a process id come from the loader, before PostgreSQL runs.
    return lines.filter((line) => line.includes(`[${pid}]`) || !/\[\d+\]/.test(line)).join("\n");
  } finally {
    await file.close();
  }
}

function isBusy(said: string): boolean {
  return BUSY.some((sign) => said.includes(sign));
}
