// Turns what a program of PostgreSQL said when it failed into the error a user can act on.
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { HoldfastError } from "../errors/index.ts";
import { unsupported } from "./binaries.ts";
import type { Layout } from "./layout.ts";

/** A start writes at most one new WAL segment; with less than that free the disk is the suspect. */
const START_NEEDS_BYTES = 16 * 1024 * 1024;

/**
 * @param said what the program wrote, or the code of the failed operation
 * @param outcome "could not be created" or "could not be started"
 */
export async function explainFailure(
  layout: Layout,
  said: string,
  outcome: string,
  cause?: unknown,
): Promise<HoldfastError> {
  if (/No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/.test(said)) {
    return diskFull(layout, outcome, cause);
  }
  if (/GLIBC_[\d.]+' not found/.test(said)) {
    return unsupported("The C library of this system is too old for the embedded PostgreSQL.");
  }
  // The program is there, but not what the system needs to run it: its loader belongs to glibc.
  if (process.platform === "linux" && said === "spawn ENOENT" && existsSync(layout.base)) {
    return unsupported(
      "The embedded PostgreSQL needs a Linux with glibc; this one (Alpine, for example) has another C library.",
    );
  }
  if (!/\b(FATAL|PANIC)\b/.test(said) && (await freeBytes(layout.base)) < START_NEEDS_BYTES) {
    return diskFull(layout, outcome, cause);
  }
  const nameless = /could not look up effective user ID (\d+)/.exec(said);
  return new HoldfastError(
    "EMBEDDED_START_FAILED",
    `The embedded PostgreSQL in ${layout.cluster} ${outcome}: ${lastLines(said)}`,
    {
      hint: nameless
        ? `Run as a user that has an account (user id ${nameless[1]} has none in /etc/passwd), or set HOLDFAST_DATABASE_URL to a PostgreSQL of your own.`
        : `Read ${layout.log}. To do without the embedded database set HOLDFAST_DATABASE_URL to a PostgreSQL of your own.`,
      cause,
      details: { directory: layout.cluster },
    },
  );
}

function diskFull(layout: Layout, outcome: string, cause: unknown): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_DISK_FULL",
    `The embedded PostgreSQL in ${layout.cluster} ${outcome}: the disk is full.`,
    {
      hint: "Free some space (a new database takes about 60 MB, and a start up to 16 MB), or set HOLDFAST_HOME to a directory on another disk.",
      cause,
      details: { directory: layout.cluster },
    },
  );
}

async function freeBytes(dir: string): Promise<number> {
  const info = await statfs(dir).catch(() => undefined);
  return info ? info.bavail * info.bsize : Number.POSITIVE_INFINITY;
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-4).join("\n").trim() || "it said nothing";
}
