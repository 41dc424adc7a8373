// Which directory belongs to this project, and where its database really is. Every process of a
// project must come to the same answer, so the answer depends on the file system only: the home,
// and in it the pointer file `location` when the cluster had to be put elsewhere.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { HoldfastError } from "../errors/index.ts";
import { explainFailure } from "./explain-failure.ts";
import { errorCode } from "./file-error.ts";
import { type Layout, layoutBelow } from "./layout.ts";
import { replaceFile } from "./replace-file.ts";
import { runAs } from "./run-as.ts";
import type { ServiceUser } from "./service-user.ts";

const ELSEWHERE = "/var/lib/holdfast";

/**
 * The directory given, else HOLDFAST_HOME, else `.holdfast` beside the package.json of the
 * workspace root above the working directory, else of the nearest package, else in the working
 * directory itself.
 */
export function homeDirectory(given?: string): string {
  const explicit = given ?? process.env.HOLDFAST_HOME;
  if (explicit) return resolve(explicit);

  const packages: string[] = [];
  for (let dir = process.cwd(); ; dir = dirname(dir)) {
    if (existsSync(join(dir, "package.json"))) packages.push(dir);
    if (dirname(dir) === dir) break;
  }
  return join(packages.findLast(isWorkspaceRoot) ?? packages[0] ?? process.cwd(), ".holdfast");
}

function isWorkspaceRoot(dir: string): boolean {
  if (existsSync(join(dir, "pnpm-workspace.yaml"))) return true;
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
    return typeof manifest === "object" && manifest !== null && "workspaces" in manifest;
  } catch {
    return false;
  }
}

/** Where the files of a home are, as far as anyone has put them anywhere. Creates nothing. */
export async function findLayout(home: string): Promise<Layout> {
  const real = await realpath(home).catch(() => home);
  const pointer = await readFile(join(real, "location"), "utf8").catch(() => "");
  return layoutBelow(pointer.trim() || real);
}

/**
 * Makes the home ready to hold a cluster that `user` can reach. A root user's home directory and
 * the cache of npx are closed to others; the cluster of a project in there goes to
 * /var/lib/holdfast, and the pointer file tells. That user is asked, by trying.
 */
export async function prepareHome(home: string, user: ServiceUser | undefined): Promise<Layout> {
  try {
    await mkdir(home, { recursive: true });
    const real = await realpath(home);
    const ignore = join(real, ".gitignore");
    const ours = existsSync(ignore) || (await readdir(real)).length === 0;
    // With a service user, others may pass through to what is theirs, and list nothing.
    if (ours) await chmod(real, user ? 0o711 : 0o700).catch(() => {});
    // Last, since it tells the next process that the mode is set.
    if (!existsSync(ignore)) await replaceFile(ignore, "*\n");

    const layout = await findLayout(home);
    if (!user) return layout;
    if (layout.base === real && (await canReach(user, real))) return layout;

    const name = basename(dirname(real)).replace(/[^A-Za-z0-9._-]/g, "_");
    const key = createHash("sha256").update(real).digest("hex").slice(0, 12);
    const base = layout.base === real ? join(ELSEWHERE, `${name}-${key}`) : layout.base;
    for (const dir of [ELSEWHERE, base]) {
      // The mode is set apart from mkdir, whose mode the umask cuts.
      if (await mkdir(dir, { recursive: true })) await chmod(dir, 0o711);
    }
    if (!(await canReach(user, base))) {
      throw new Error(`user id ${user.uid}, under which the database runs, cannot reach ${base}`);
    }
    await replaceFile(join(real, "location"), `${base}\n`);
    return layoutBelow(base);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw await explainFailure(layoutBelow(home), code, "could not be created", error);
    }
    throw new HoldfastError(
      "EMBEDDED_START_FAILED",
      `The directory for the embedded database, ${home}, cannot be used: ${code}.`,
      {
        hint: "Set HOLDFAST_HOME to a directory this user may write to, or set HOLDFAST_DATABASE_URL to a PostgreSQL of your own.",
        cause: error,
      },
    );
  }
}

async function canReach(user: ServiceUser, dir: string): Promise<boolean> {
  return (await runAs(user, "/bin/sh", ["-c", 'cd -- "$0"', dir], "/")).code === 0;
}
