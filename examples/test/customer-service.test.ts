import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../customer-service/main.ts", import.meta.url));

it("customer-service is killed at each stage, waits for two decisions, and does everything once", async () => {
  const home = await mkdtemp(join(tmpdir(), "holdfast-example-"));
  await chmod(home, 0o755); // Open, or the cluster of a root user is put elsewhere.
  try {
    const { HOLDFAST_DATABASE_URL: _, OPENAI_API_KEY: __, ...env } = process.env;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN], {
      env: { ...env, HOLDFAST_HOME: home },
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("Its model is a script");
    expect(stdout.match(/✗ kill -9, .*/g)).toEqual([
      "✗ kill -9, inside a model call",
      "✗ kill -9, inside a tool",
      "✗ kill -9, after a handoff",
      "✗ kill -9, while it waits for a person",
      "✗ kill -9, inside the approved tool",
    ]);
    expect(stdout.match(/goes on/g)!.length).toBeGreaterThanOrEqual(5);
    expect(stdout.match(/☑.*/g)).toEqual([
      '☑ Ana approves refund {"booking":"QX7F2A","euros":240}',
      "☑ Ana finds that refund is paid, and says so",
    ]);
    expect(stdout).not.toContain("▶ refund, again");

    const ledger = stdout.split("by its ledger:\n")[1]!.split("\n\n")[0]!.split("\n");
    const done = ledger.map((line) => /(\S.*) \(worker (\d+)\)/.exec(line)!);
    expect(done.map(([, what]) => what)).toEqual([
      "asked the model",
      "found QX7F2A",
      "asked the model",
      "asked the model",
      "refunded 240 €",
      "asked the model",
      "asked the model",
      "booked seat 4A",
      "asked the model",
    ]);
    expect(new Set(done.map(([, , worker]) => worker)).size).toBeGreaterThanOrEqual(4);
    expect(stdout).toContain("seat 4A is yours");
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
