import { readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./root.mjs";

const lock = join(root, ".ready.lock");

/**
 * Lets one process at a time make the clone ready, so that `npm start` and `npm test` can be started
 * together in a fresh one. The lock is a symbolic link whose target is its owner's process id: it
 * appears whole or not at all. That of an owner which died is taken away. Where no link can be made
 * (a folder that is only readable, an account of Windows without the right) there is no lock.
 */
export async function withLock(work) {
  let told = false;
  for (let taken = tryLock(); taken !== true; taken = tryLock()) {
    if (taken === undefined) return work();
    const pid = owner(lock);
    if (pid === undefined) continue;
    if (!isAlive(pid)) {
      remove(pid);
      continue;
    }
    if (!told) console.error(`Waiting for process ${pid}, which is making this clone ready …`);
    told = true;
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** True: we own it. False: another does. Undefined: there can be no lock here. */
function tryLock() {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    return error.code === "EEXIST" ? false : undefined;
  }
}

function owner(link) {
  try {
    return Number(readlinkSync(link));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Takes a dead owner's lock away; if a live process took it since we looked, gives it back. */
function remove(pid) {
  const grave = `${lock}.${process.pid}`;
  try {
    renameSync(lock, grave);
    if (owner(grave) === pid) rmSync(grave);
    else renameSync(grave, lock);
  } catch {
    // Another waiting process was quicker.
  }
}
