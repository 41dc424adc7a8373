import { execFileSync } from "node:child_process";
import { open, readdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { explainFailure } from "../../src/embedded/explain-failure.ts";
import { startEmbedded } from "../../src/embedded/index.ts";
import { layoutBelow } from "../../src/embedded/layout.ts";
import { isRoot, scratchDirectory, stopAfterTest } from "./support/scratch.ts";

async function smallDisk(size: string): Promise<string> {
  const dir = await scratchDirectory();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0755`, "holdfast-test", dir]);
  onTestFinished(() => void execFileSync("umount", [dir]));
  const home = join(dir, ".holdfast");
  stopAfterTest(home);
  return home;
}

async function fill(path: string): Promise<void> {
  const file = await open(path, "w");
  const block = Buffer.alloc(64 * 1024);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
  } finally {
    await file.close();
  }
}

test.runIf(isRoot)(
  "a disk too small for a cluster is said so, and nothing stays on it",
  async () => {
    const home = await smallDisk("20m");
    await expect(startEmbedded({ dir: home })).rejects.toMatchObject({
      code: "EMBEDDED_DISK_FULL",
    });
    expect(await readdir(home)).toEqual([".gitignore"]);
    const { blocks, bavail } = await statfs(home);
    expect(bavail / blocks).toBeGreaterThan(0.99);
  },
);

test.runIf(isRoot)("a start on a full disk is said so, and works once there is space", async () => {
  const home = await smallDisk("120m");
  await (await startEmbedded({ dir: home })).close();
  const ballast = join(home, "..", "ballast");
  await fill(ballast);
  await expect(startEmbedded({ dir: home })).rejects.toMatchObject({ code: "EMBEDDED_DISK_FULL" });
  await rm(ballast);
  const server = await startEmbedded({ dir: home });
  expect(server.how).toBe("started");
  await server.close();
});

test("a full disk or used-up quota is recognised in what a program says", async () => {
  const layout = layoutBelow(await scratchDirectory());
  for (const said of [
    'initdb: error: could not write file "x": No space left on device',
    'FATAL:  could not write lock file "postmaster.pid": Disk quota exceeded',
    "ENOSPC",
  ]) {
    const { code } = await explainFailure(layout, said, "could not be created");
    expect(code).toBe("EMBEDDED_DISK_FULL");
  }
});
