// Makes a new cluster. It is made in a private directory and appears under its name by one rename,
// so that of several processes one wins and nobody ever sees a half-made cluster. The private
// directories also are a queue: the process with the lowest number works, the others wait for it.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, chown, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HoldfastError } from "../errors/index.ts";
import { type Binaries, locateBinaries, programPath } from "./binaries.ts";
import { explainFailure } from "./explain-failure.ts";
import { errorCode } from "./file-error.ts";
import { type Layout, layoutBelow } from "./layout.ts";
import { runAs } from "./run-as.ts";
import type { ServiceUser } from "./service-user.ts";

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
export async function initialise(
  layout: Layout,
  user: ServiceUser | undefined,
  deadline: number,
): Promise<boolean> {
  const name = `init-${process.pid}-${randomBytes(4).toString("hex")}`;
  const own = layoutBelow(layout.base, join(layout.base, name));
  try {
    await mkdir(own.cluster, { mode: 0o700 });
    await waitForTurn(layout, deadline);
    if (existsSync(layout.cluster)) return false;

    const binaries = await locateBinaries(layout, user);
    const password = randomBytes(24).toString("base64url");
    await writeFile(own.password, `${password}\n`, { mode: 0o600 });
    if (user) {
      await chown(own.password, user.uid, user.gid);
      await chown(own.cluster, user.uid, user.gid);
    }
    await runInitdb(binaries, own, user);
    await appendFile(join(own.data, "postgresql.conf"), SETTINGS);
    return await rename(own.cluster, layout.cluster).then(
      () => true,
      (error: unknown) => {
        if (existsSync(layout.cluster)) return false; // another process was faster
        throw error;
      },
    );
  } catch (error) {
    if (HoldfastError.is(error)) throw error;
    throw await explainFailure(layout, errorCode(error), "could not be created", error);
  } finally {
    await rm(own.cluster, { recursive: true, force: true });
  }
}

/** Waits while a living process with a lower number is at work, for a limited time. */
async function waitForTurn(layout: Layout, deadline: number): Promise<void> {
  const end = Math.min(deadline, performance.now() + TURN_MS);
  while (performance.now() < end && !existsSync(layout.cluster)) {
    const others = await readdir(layout.base);
    const pids = others.map((name) => Number(/^init-(\d+)-/.exec(name)?.[1] ?? Number.NaN));
    if (!pids.some((pid) => pid < process.pid && isAlive(pid))) return;
    await sleep(25);
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
  const { code, spawnError, output } = await runAs(user, program, args, own.cluster);
  if (code === 0) return;
  const said = spawnError ?? `${output}\ninitdb ended with code ${code ?? "none"}`;
  throw await explainFailure(own, said, "could not be created");
}
