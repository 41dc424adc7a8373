// Reading PostgreSQL's own lock file, postmaster.pid, and judging whether its writer still lives.
import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "./file-error.ts";

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`, `standby`; empty while the file is being written. */
  readonly status: string;
  /** The whole file: identifies this start of this server. */
  readonly text: string;
}

/** What the pid file of a data directory says; undefined when there is none. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  return {
    pid: Math.abs(Number.parseInt(lines[0] ?? "", 10)), // negative: a server in single-user mode
    port: Number(lines[3] ?? 0),
    status: (lines[7] ?? "").trim(),
    text,
  };
}

/**
 * - `running`: it is the server of this data directory
 * - `gone`: no such process; PostgreSQL clears the file itself
 * - `other`: a zombie, another program, no number at all; PostgreSQL would refuse to start
 * - `unknown`: a process has this number and the system does not say what it is
 */
export type Liveness = "running" | "gone" | "other" | "unknown";

export async function livenessOf(pid: number, data: string): Promise<Liveness> {
  if (!(pid > 0)) return "other"; // torn by a crash of the machine
  try {
    process.kill(pid, 0);
  } catch {
    // The server runs as the owner of its files. Root may signal anyone, and anybody else who got
    // this far is that owner: a process that is not theirs is not the server.
    return "gone";
  }
  if (process.platform !== "linux") return "unknown";
  let stat = "";
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    if (/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2))) return "other";
    // A postmaster works in its data directory.
    return readlinkSync(`/proc/${pid}/cwd`) === (await realpath(data)) ? "running" : "other";
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "gone";
    // Root in a container may not be allowed to look into processes of others.
    return stat.includes("(postgres)") ? "unknown" : "other";
  }
}

/** Of a server that died, by whose turn it is to start it (see start-turn.ts). */
export function removePidFile(data: string): void {
  rmSync(join(data, "postmaster.pid"), { force: true });
}
