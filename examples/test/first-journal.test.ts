import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../first-journal/main.ts", import.meta.url));

it("first-journal writes, hands over, refuses the old worker, reads back, and ends by itself", async () => {
  const home = await mkdtemp(join(tmpdir(), "holdfast-example-"));
  await chmod(home, 0o755); // Open, or the cluster of a root user is put elsewhere.
  try {
    const { HOLDFAST_DATABASE_URL: _, ...env } = process.env;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN], {
      env: { ...env, HOLDFAST_HOME: home },
    });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/PostgreSQL 18\.\d+ \(embedded\)/);
    expect(stdout).toContain("worker 2 (epoch 2) took over and wrote entry 4");
    expect(stdout).toContain("refused, RUN_TAKEN_OVER");
    const journal = stdout.split("\n").filter((line) => /^ {2}\d {2}epoch/.test(line));
    expect(journal.map((line) => line.trim().split(/\s+/).slice(0, 4).join(" "))).toEqual([
      "1 epoch 1 started",
      "2 epoch 1 finished",
      "3 epoch 1 started",
      "4 epoch 2 finished",
    ]);
    expect(journal[3]).toContain('{"$date":"2026-11-20T09:30:00.000Z"}');
    expect(journal[3]).toContain('{"$bigint":"2"}');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
