// The right to start the server of a cluster, or to clear away the pid file of one that died: one
// process at a time has it. PostgreSQL takes over a stale pid file by a look and an unlink; of several
// that do so at once, each can unlink the new file of another, and then two servers run on one
// directory. So they never do.
//
// Invariant: of the files `starting.<number>` the one with the highest number says whose turn it is. It
// appears whole and once, by a hard link, and is removed only after a higher one has appeared. So of
// those who find the last turn over one makes the next, and who comes late finds a higher beside its own.
//
// A turn is a lease: nothing is begun in it after its time, and it counts for a while longer, in which
// what was begun at its very end shows itself.
import { randomBytes } from "node:crypto";
import { utimesSync } from "node:fs";
import { chmod, link, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "./file-error.ts";
import { isAlive } from "./initialise.ts";
import type { Layout } from "./layout.ts";
import { isOver, type Patience, remainingMs } from "./patience.ts";

/** A server that was launched has written its pid file by then. */
const LAUNCHED_MS = 2_000;
/** However long its holder may wait for its server. */
const LONGEST_MS = 5 * 60_000;

export interface StartTurn {
  /** Just before something is begun in it. Says whether it still is this process's turn. */
  announce(): boolean;
  /** A server was launched and has not shown itself: the turn is not ended, but lapses. */
  lapse(): void;
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

  const until = Date.now() + Math.min(remainingMs(patience), LONGEST_MS);
  const own = fileOf(layout, last + 1);
  if (!(await appear(own, `${process.pid} ${until + LAUNCHED_MS}`))) return undefined;
  const turns = await turnsOf(layout);
  if (turns.some((turn) => turn > last + 1)) {
    await rm(own, { force: true });
    return undefined;
  }
  await removeBefore(layout, last + 1);
  let lapses = false;
  return {
    announce: () => !isOver(patience) && Date.now() < until && touch(own),
    lapse: () => {
      lapses = true;
    },
    async end() {
      // Emptied, for which there is room on a full disk too.
      if (!lapses) await truncate(own).catch(() => {});
    },
  };
}

function fileOf({ cluster }: Layout, turn: number): string {
  return join(cluster, `starting.${turn}`);
}

async function turnsOf({ cluster }: Layout): Promise<readonly number[]> {
  const names = await readdir(cluster);
  return names.flatMap((name) => /^starting\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

/** Never a later turn, should this one be over by now. And drafts, also those of processes that died. */
async function removeBefore(layout: Layout, turn: number): Promise<void> {
  const drafts = (await readdir(layout.cluster)).filter((name) => /^starting\.\d+\./.test(name));
  const before = (await turnsOf(layout)).filter((earlier) => earlier < turn);
  const files = [
    ...drafts.map((name) => join(layout.cluster, name)),
    ...before.map((earlier) => fileOf(layout, earlier)),
  ];
  await Promise.all(files.map((file) => rm(file, { force: true })));
}

async function hasEnded(file: string): Promise<boolean> {
  try {
    const text = await readFile(file, "utf8");
    if (text === "") return true;
    const [holder = 0, until = 0] = text.split(" ").map(Number);
    if (Date.now() > until) return true;
    if (isAlive(holder) && !(holder === process.pid && (await isOlderThanThisProcess(file))))
      return false;
    // Of a file that is younger than now the clock was set back.
    return Math.abs(await ageOf(file)) > LAUNCHED_MS;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false; // There is a higher one.
    throw error;
  }
}

/** In a container the next process has the number of the one that died. */
async function isOlderThanThisProcess(file: string): Promise<boolean> {
  return (await ageOf(file)) > process.uptime() * 1000;
}

async function ageOf(file: string): Promise<number> {
  return Date.now() - (await stat(file)).mtimeMs;
}

/** Makes a file with all of its text, unless there is one, or who has the turn has removed the draft. */
async function appear(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(draft, text);
    // Whoever may enter the directory is to read it, root's as well.
    await chmod(draft, 0o644);
    await link(draft, file);
    return true;
  } catch (error) {
    if (["EEXIST", "ENOENT"].includes(errorCode(error))) return false;
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
