import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../killed-half-way/main.ts", import.meta.url));

/** Where processes cannot be looked up, a server that has just come up tells of no death before a lease. */
const MOST_SECONDS = process.platform === "linux" ? 5 : 15;

it("killed-half-way is finished by another living worker, does everything once, and ends by itself", async () => {
  const home = await mkdtemp(join(tmpdir(), "holdfast-example-"));
  await chmod(home, 0o755); // Open, or the cluster of a root user is put elsewhere.
  try {
    const { HOLDFAST_DATABASE_URL: _, ...env } = process.env;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN], {
      env: { ...env, HOLDFAST_HOME: home },
    });
    expect(stderr).toBe("");
    const [before, after] = stdout.split("✗ kill -9");
    expect(before!.match(/✓/g)).toHaveLength(3);
    expect(after).toMatch(/▶ write to the customer, again/);
    expect(after!.match(/✓/g)).toHaveLength(2);
    const [, takeover] = /goes on, ([\d.]+) s later/.exec(after!)!;
    expect(Number(takeover)).toBeLessThan(MOST_SECONDS);

    const ledger = stdout.split("by its ledger:\n")[1]!.split("\n\n")[0]!.split("\n");
    const done = ledger.map((line) => /(\S.*) \(step \d+, worker (\d+)\)/.exec(line)!);
    expect(done.map(([, what]) => what)).toEqual([
      "asked the model",
      "found A-1042",
      "refunded 42 €",
      "wrote to the customer",
      "asked the model",
    ]);
    const [first, , , second] = done.map(([, , worker]) => worker);
    expect(second).not.toBe(first);
    expect(done.map(([, , worker]) => worker)).toEqual([first, first, first, second, second]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
