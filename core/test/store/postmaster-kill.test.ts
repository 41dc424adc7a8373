import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { embeddedStatus, startEmbedded } from "../../src/embedded/index.ts";
import { newId, openStore } from "../../src/store/index.ts";
import { collect } from "../support/runs.ts";

const WRITER = fileURLToPath(new URL("fixtures/append-forever.ts", import.meta.url));

/** A process that appends, the newest number it was told is durable, and what it said as it failed. */
function startWriter(dir: string) {
  const runId = newId();
  const child = spawn(process.execPath, [WRITER, dir, runId], { stdio: "pipe" });
  const writer = { runId, child, acknowledged: 0, errors: "" };
  child.stderr.on("data", (chunk) => {
    writer.errors += chunk;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    writer.acknowledged = Number(line);
  });
  return writer;
}

/** The postmaster that runs now, once there is one that is not the one just killed. */
async function runningPid(dir: string, killed: number | undefined): Promise<number> {
  for (;;) {
    const { server } = await embeddedStatus({ dir });
    if (server !== undefined && server.pid !== killed) return server.pid;
    await sleep(20);
  }
}

it("ten kill -9 of the postmaster under four writing processes lose nothing and leave no hole", async () => {
  const dir = await mkdtemp(join(tmpdir(), "holdfast-kill-"));
  await chmod(dir, 0o755); // Open, or the cluster of a root user is put elsewhere.
  const server = await startEmbedded({ dir });
  const writers = [1, 2, 3, 4].map(() => startWriter(dir));
  try {
    const allMovedOn = async () => {
      const before = writers.map(({ acknowledged }) => acknowledged);
      while (writers.some(({ acknowledged }, index) => acknowledged <= before[index]! + 2)) {
        for (const { child, errors } of writers) expect(child.exitCode, errors).toBeNull();
        await sleep(10);
      }
    };

    let pid: number | undefined;
    for (let kill = 0; kill < 10; kill += 1) {
      await allMovedOn(); // Each time all four write again: the server came back by itself.
      pid = await runningPid(dir, pid);
      process.kill(pid, "SIGKILL");
    }
    await allMovedOn();

    for (const { child } of writers) child.stdin.end();
    const exits = await Promise.all(writers.map(({ child }) => once(child, "exit")));
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0, 0]);

    const store = await openStore({ embeddedDir: dir });
    for (const { runId, acknowledged } of writers) {
      const entries = await collect(store.journal(runId));
      expect(entries.length).toBeGreaterThanOrEqual(acknowledged);
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
      for (const entry of entries.slice(-50)) {
        if (entry.input === undefined) continue;
        const run = await store.run(runId);
        expect((await store.list(run!.spaceId, entry.input)).length).toBeGreaterThan(0);
      }
    }
    await store.close();
  } finally {
    for (const { child } of writers) child.kill("SIGKILL");
    await server.close();
    await rm(dir, { recursive: true, force: true });
  }
}, 120_000);
