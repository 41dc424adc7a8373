/**
 * Which process of which host this is, and whether another one of the same host is still there. Only
 * where the system tells: on Linux. Invariant: a process is called gone only if it certainly is.
 */
import { readFileSync, readlinkSync } from "node:fs";

/** Boot and pid namespace, then pid and start: `boot/namespace/pid/start`. */
export function processIdentity(pid: number = process.pid): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespace = readlinkSync("/proc/self/ns/pid");
    const found = lookAt(pid);
    return found?.start && `${boot}/${namespace}/${pid}/${found.start}`;
  } catch {
    return undefined;
  }
}

/** What processes have in common that can see each other. */
export function placeOf(identity: string): string {
  return `${identity.split("/").slice(0, 2).join("/")}/`;
}

/** For a process of the same place. */
export function isGone(identity: string): boolean {
  const [, , pid, start] = identity.split("/");
  if (pid === undefined || start === undefined) return false;
  if (!isThere(Number(pid))) return true;
  const found = lookAt(Number(pid));
  return found !== undefined && (found.start !== start || found.isDead);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One that may not be signalled is there as well.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Undefined if that cannot be seen: `/proc` may hide the processes of others. */
function lookAt(pid: number): { readonly start: string; readonly isDead: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold anything.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const start = rest[18];
    return start === undefined ? undefined : { start, isDead: state === "Z" || state === "X" };
  } catch {
    return undefined;
  }
}
