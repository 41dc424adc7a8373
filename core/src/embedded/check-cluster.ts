// Whether the cluster found is one that this process and these binaries may use.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { HoldfastError } from "../errors/index.ts";
import { errorCode } from "./file-error.ts";
import { type Layout, layoutBelow, POSTGRES_MAJOR } from "./layout.ts";

/** A cluster of another major version must not be hidden by a new, empty one. */
export async function rejectOtherMajors(layout: Layout): Promise<void> {
  const names = await readdir(layout.base).catch((): string[] => []);
  const found = names.map((name) => /^pg(\d+)$/.exec(name)?.[1]).find((major) => major);
  if (found !== undefined && Number(found) !== POSTGRES_MAJOR) {
    throw incompatible(layoutBelow(layout.base, join(layout.base, `pg${found}`)), found);
  }
}

/** The password of a usable cluster; rejects when it is none. */
export async function openCluster(layout: Layout): Promise<string> {
  try {
    const version = (await readFile(join(layout.data, "PG_VERSION"), "utf8")).trim();
    if (version !== String(POSTGRES_MAJOR)) throw incompatible(layout, version);
    const { uid } = await stat(layout.data);
    const self = process.getuid?.() ?? 0;
    if (self !== 0 && self !== uid) throw notOurs(layout);
    return (await readFile(layout.password, "utf8")).trim();
  } catch (error) {
    if (HoldfastError.is(error)) throw error;
    const code = errorCode(error);
    if (code === "EACCES" || code === "EPERM") throw notOurs(layout, error);
    throw new HoldfastError(
      "EMBEDDED_START_FAILED",
      `${layout.cluster} is not a complete embedded database (${code}).`,
      {
        hint: "Restore it from a backup, or move it away to begin with an empty database.",
        cause: error,
        details: { directory: layout.cluster },
      },
    );
  }
}

function notOurs(layout: Layout, cause?: unknown): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_START_FAILED",
    `The embedded database in ${layout.cluster} belongs to another user of this machine.`,
    {
      hint: "Run as the user who made it, or set HOLDFAST_HOME to a directory of your own.",
      cause,
      details: { directory: layout.cluster },
    },
  );
}

/** The error for a cluster that was there before. */
export function missing(layout: Layout): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_START_FAILED",
    `The embedded database in ${layout.cluster} is gone.`,
    {
      hint: "Restore the directory, or restart the program to begin with an empty database.",
      details: { directory: layout.cluster },
    },
  );
}

/** The error for a server that is not to be restarted. */
export function stopped(layout: Layout): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_START_FAILED",
    `The embedded database in ${layout.cluster} was stopped on purpose.`,
    { hint: "Start it: holdfast db start.", details: { directory: layout.cluster } },
  );
}

function incompatible(layout: Layout, version: string): HoldfastError {
  return new HoldfastError(
    "EMBEDDED_DATA_INCOMPATIBLE",
    `${layout.cluster} holds data of PostgreSQL ${version}; this release of Holdfast brings PostgreSQL ${POSTGRES_MAJOR}.`,
    {
      hint: "Use the release of Holdfast that made it, or move the directory away to begin with an empty database. Moving data between major versions: docs/database.md.",
      details: { directory: layout.cluster, found: version, expected: String(POSTGRES_MAJOR) },
    },
  );
}
