// What an example prints that is told by examples/story: run as a newcomer does, on an embedded Postgres of its own.
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface ToldStory {
  /** Everything it printed. */
  readonly all: string;
  readonly title: string;
  /** What the first worker does, until it is killed. */
  readonly before: string;
  /** What the other one does then. */
  readonly after: string;
  /** How long it took the other one to go on. */
  readonly takeoverSeconds: number;
  readonly ledger: readonly { readonly what: string; readonly worker: string }[];
}

/** Where processes cannot be looked up, a server that has just come up tells of no death before a lease. */
export const MOST_SECONDS: number = process.platform === "linux" ? 5 : 15;

/** Rejects if it fails, or says anything on stderr. */
export async function toldStory(
  example: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ToldStory> {
  const main = fileURLToPath(new URL(`../${example}/main.ts`, import.meta.url));
  const home = await mkdtemp(join(tmpdir(), "holdfast-example-"));
  await chmod(home, 0o755); // Open, or the cluster of a root user is put elsewhere.
  try {
    const { HOLDFAST_DATABASE_URL: _, OPENAI_API_KEY: __, ...env } = process.env;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main], {
      env: { ...env, HOLDFAST_HOME: home, ...more },
    });
    if (stderr !== "") throw new Error(stderr);
    return parsed(stdout);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function parsed(stdout: string): ToldStory {
  const [title = ""] = stdout.split("\n\n");
  const [before = "", after = ""] = stdout.split("✗ kill -9\n");
  const ledger = /by its ledger:\n(.*?)\n\n/s.exec(stdout)?.[1] ?? "";
  return {
    all: stdout,
    title,
    before,
    after,
    takeoverSeconds: Number(/goes on, ([\d.]+) s later/.exec(after)?.[1]),
    ledger: [...ledger.matchAll(/^ {2}(.*) \(worker (\d+)\)$/gm)].map(
      ([, what = "", worker = ""]) => ({ what, worker }),
    ),
  };
}

/** The steps that ended, in their order. */
export function ended(told: string): readonly string[] {
  return [...told.matchAll(/✓ (.*)/g)].map(([, step = ""]) => step);
}
