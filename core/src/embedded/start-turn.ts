// The right to start the server of a cluster, or to clear away the pid file of one that died: one
// process at a time has it. PostgreSQL takes over a stale pid file by a look and an unlink; of several
// that do so at once, each can unlink the new file of another, and then two servers run on one
// directory. So they never do.
//
// Invariant: of the files `starting.<number>` the one with the highest number says whose turn it is. It
// appears whole and once, by a hard link, and is removed only after a higher one has appeared. So of
// those who find the last turn over one makes the next, and who comes late finds a higher beside its own.
import { randomBytes } from "node:crypto";
import { utimesSync } from "node:fs";
import { link, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "./file-error.ts";
import { isAlive } from "./initialise.ts";
import type { Layout } from "./layout.ts";
import { type Patience, remainingMs } from "./patience.ts";

/** A server that was launched has written its pid file by then, should the one who launched it be dead. */
const LAUNCHED_MS = 2_000;

export interface StartTurn {
  /** Just before a server is launched. Says whether it still is this process's turn. */
  announce(): boolean;
  end(): Promise<void>;
}

/**
 * Undefined while it is the turn of another. A turn is over when its holder says so, at the latest when
 * the patience of the holder is; and soon after its death.
 */
export async function takeStartTurn(
  layout: Layout,
  patience: Patience,
): Promise<StartTurn | undefined> {
  const last = Math.max(0, ...(await turnsOf(layout)));
  if (last > 0 && !(await hasEnded(fileOf(layout, last)))) return undefined;

  const own = fileOf(layout, last + 1);
  if (!(await appear(own, `${process.pid} ${Date.now() + remainingMs(patience)}`)))
    return undefined;
  const turns = await turnsOf(layout);
  if (turns.some((turn) => turn > last + 1)) {
    await rm(own, { force: true });
    return undefined;
  }
  const before = turns.filter((turn) => turn <= last);
  await Promise.all(before.map((turn) => rm(fileOf(layout, turn), { force: true })));
  return {
    announce: () => touch(own),
    // Emptied, for which there is room on a full disk too.
    end: () => truncate(own).catch(() => {}),
  };
}

function fileOf({ cluster }: Layout, turn: number): string {
  return join(cluster, `starting.${turn}`);
}

async function turnsOf({ cluster }: Layout): Promise<readonly number[]> {
  const names = await readdir(cluster);
  return names.flatMap((name) => /^starting\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

async function hasEnded(file: string): Promise<boolean> {
  try {
    const text = await readFile(file, "utf8");
    if (text === "") return true;
    const [holder = 0, until = 0] = text.split(" ").map(Number);
    if (Date.now() > until) return true;
    return !isAlive(holder) && Date.now() - (await stat(file)).mtimeMs > LAUNCHED_MS;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false; // There is a higher one.
    throw error;
  }
}

/** Makes a file with all of its text, unless there is one. */
async function appear(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(draft, text);
    await link(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function touch(file: string): boolean {
  try {
    const now = new Date();
    utimesSync(file, now, now);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false; // Another's turn has begun.
    throw error;
  }
}
