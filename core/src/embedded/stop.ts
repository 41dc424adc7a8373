// Stopping the server: a fast shutdown, which ends all connections and writes a checkpoint.
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { HoldfastError } from "../errors/index.ts";
import { locateBinaries, programPath } from "./binaries.ts";
import { errorCode } from "./file-error.ts";
import type { Layout } from "./layout.ts";
import { livenessOf, type Postmaster, readPostmaster } from "./postmaster.ts";
import { replaceFile } from "./replace-file.ts";
import { runAs } from "./run-as.ts";

const SHUTDOWN_MS = 60_000;

/**
 * Stops the server and marks it as stopped on purpose, so that attached processes leave it so.
 * Resolves to whether one was running.
 */
export async function stopOnPurpose(layout: Layout): Promise<boolean> {
  await rm(layout.keep, { force: true });
  // On a full disk the marker cannot be written; stopping matters more.
  await replaceFile(layout.stopped, "").catch(() => {});
  return shutDown(layout);
}

/** Resolves when the server is gone, to whether one was running. */
export async function shutDown(layout: Layout): Promise<boolean> {
  const found = await readPostmaster(layout.data);
  if (!found || !(await isRunning(found, layout))) return false;
  await requestShutdown(found.pid, layout);
  const deadline = performance.now() + SHUTDOWN_MS;
  while (await isRunning(found, layout)) {
    if (performance.now() > deadline) {
      throw new HoldfastError(
        "EMBEDDED_START_FAILED",
        `The embedded PostgreSQL in ${layout.cluster} (process ${found.pid}) did not stop within ${SHUTDOWN_MS / 1000} s.`,
        { hint: `Read ${layout.log}.`, details: { pid: found.pid } },
      );
    }
    await sleep(10);
  }
  return true;
}

async function isRunning(found: Postmaster, layout: Layout): Promise<boolean> {
  const liveness = await livenessOf(found.pid, layout.data);
  if (liveness === "running") return true;
  // Elsewhere than on Linux the pid file, which PostgreSQL removes last, tells.
  return liveness === "unknown" && (await readPostmaster(layout.data))?.text === found.text;
}

async function requestShutdown(pid: number, layout: Layout): Promise<void> {
  if (process.platform === "win32") {
    const program = programPath(await locateBinaries(layout, undefined), "pg_ctl");
    await runAs(undefined, program, ["kill", "INT", String(pid)], layout.cluster);
    return;
  }
  try {
    process.kill(pid, "SIGINT");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error; // else it just ended
  }
}
