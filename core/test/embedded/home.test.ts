import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CORE, scratchDirectory } from "./support/scratch.ts";

/** Where a process with this working directory keeps its database. */
function homeSeenFrom(cwd: string, env: Record<string, string> = {}): string {
  const script = `import { homeDirectory } from ${JSON.stringify(join(CORE, "src/embedded/home.ts"))};
    process.stdout.write(homeDirectory());`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout;
}

test("the home stands beside the nearest package.json, or at the root of the workspace", async () => {
  const root = await scratchDirectory();
  const nested = join(root, "packages", "app", "src");
  await mkdir(nested, { recursive: true });
  expect(homeSeenFrom(nested)).toBe(join(nested, ".holdfast"));

  await writeFile(join(root, "packages", "app", "package.json"), "{}");
  expect(homeSeenFrom(nested)).toBe(join(root, "packages", "app", ".holdfast"));

  await writeFile(join(root, "package.json"), "not JSON");
  expect(homeSeenFrom(nested)).toBe(join(root, "packages", "app", ".holdfast"));

  await writeFile(join(root, "package.json"), `{"workspaces": ["packages/*"]}`);
  expect(homeSeenFrom(nested)).toBe(join(root, ".holdfast"));
});

test("a pnpm workspace has its home at its root", async () => {
  const root = await scratchDirectory();
  await mkdir(join(root, "app"));
  await writeFile(join(root, "app", "package.json"), "{}");
  await writeFile(join(root, "package.json"), "{}");
  await writeFile(join(root, "pnpm-workspace.yaml"), "packages: [app]");
  expect(homeSeenFrom(join(root, "app"))).toBe(join(root, ".holdfast"));
});

test("HOLDFAST_HOME decides, also relative to the working directory", async () => {
  const root = await scratchDirectory();
  await writeFile(join(root, "package.json"), "{}");
  expect(homeSeenFrom(root, { HOLDFAST_HOME: "/elsewhere" })).toBe("/elsewhere");
  expect(homeSeenFrom(root, { HOLDFAST_HOME: "data" })).toBe(join(root, "data"));
  expect(homeSeenFrom(root, { HOLDFAST_HOME: "" })).toBe(join(root, ".holdfast"));
});
