// Makes a new cluster. It is made in a private directory and appears under its name by one rename,
// so that of several processes one wins and nobody ever sees a half-made cluster. The private
// directories also are a queue: the process with the lowest number works, the others wait for it.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, chown, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HoldfastError } from "../errors/index.ts";
import { type Binaries, locateBinaries, programPath } from "./binaries.ts";
import { explainFailure } from "./explain-failure.ts";
import { errorCode } from "./file-error.ts";
import { type Layout, layoutBelow } from "./layout.ts";
import { isOver, type Patience, patience, pause } from "./patience.ts";
import { runAs } from "./run-as.ts";
import { type ServiceUser, serviceUser } from "./service-user.ts";

const TURN_MS = 20_000;

const SETTINGS = `
# Holdfast
max_connections = 200
log_checkpoints = off
`;

/**
 * Makes the cluster unless it is there. Resolves to whether this process made it. On failure
 * nothing is left behind.
 */
export async function initialise(layout: Layout, allowed: Patience): Promise<boolean> {
  const name = `init-${process.pid}-${randomBytes(4).toString("hex")}`;
  const own = layoutBelow(layout.base, join(layout.base, name));
  try {
    await mkdir(own.cluster, { mode: 0o700 });
    await waitForTurn(layout, allowed);
    if (existsSync(layout.cluster)) return false;

    const user = await serviceUser(layout.data);
    const binaries = await locateBinaries(layout, user);
    const password = randomBytes(24).toString("base64url");
    await writeFile(own.password, `${password}\n`, { mode: 0o600, flush: true });
    if (user) {
      await chown(own.password, user.uid, user.gid);
      await chown(own.cluster, user.uid, user.gid);
    }
    await runInitdb(binaries, own, user);
    await appendFile(join(own.data, "postgresql.conf"), SETTINGS, { flush: true });
    return await putInPlace(own, layout);
  } catch (error) {
    if (HoldfastError.is(error)) throw error;
    throw await explainFailure(layout, errorCode(error), "could not be created", error);
  } finally {
    await rm(own.cluster, { recursive: true, force: true });
  }
}

async function putInPlace(own: Layout, layout: Layout): Promise<boolean> {
  try {
    await rename(own.cluster, layout.cluster);
  } catch (error) {
    if (existsSync(layout.cluster)) return false; // another process was faster
    throw error;
  }
  // What will be acknowledged from now on must not lose its name to a power failure.
  const base = await open(layout.base).catch(() => undefined);
  await base?.sync().catch(() => {}); // not possible on Windows
  await base?.close();
  return true;
}

/** Waits while a living process with a lower number is at work, for a limited time. */
async function waitForTurn(layout: Layout, allowed: Patience): Promise<void> {
  const turn = patience(TURN_MS, allowed.holdsProcess);
  while (!isOver(turn) && !isOver(allowed) && !existsSync(layout.cluster)) {
    const others = await readdir(layout.base);
    const pids = others.map((name) => Number(/^init-(\d+)-/.exec(name)?.[1] ?? Number.NaN));
    if (!pids.some((pid) => pid < process.pid && isAlive(pid))) return;
    await pause(allowed, 25);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

async function runInitdb(
  binaries: Binaries,
  own: Layout,
  user: ServiceUser | undefined,
): Promise<void> {
  const args = ["-D", own.data, "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8"];
  args.push("--locale=C", `--pwfile=${own.password}`, "--no-instructions");
  const program = programPath(binaries, "initdb");
  const { code, output } = await runAs(user, program, args, own.cluster);
  if (code === 0) return;
  throw await explainFailure(own, output, "could not be created");
}
