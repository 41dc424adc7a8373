import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { CORE, scratchDirectory } from "../embedded/support/scratch.ts";
import { testDatabase } from "../support/test-database.ts";
import type { Task } from "./fixtures/present-worker.ts";

const PROGRAM = fileURLToPath(new URL("fixtures/present-worker.ts", import.meta.url));
const database = testDatabase();

interface Said {
  readonly event: string;
  readonly [field: string]: unknown;
}

interface Present {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly said: readonly Said[];
  /** Resolves when it has said so; rejects when it ends without. */
  says(event: string): Promise<Said>;
}

function start(task: Task, env: Readonly<Record<string, string>> = {}): Present {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(task)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  child.stdin.end(database.url);
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => said.push(JSON.parse(line)));
  const ended = once(child, "close").then(([code]) => code);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const says = (event: string) =>
    vi.waitUntil(
      () => {
        const found = said.find((each) => each.event === event);
        if (found === undefined && child.exitCode !== null) throw new Error(`No ${event}.`);
        return found;
      },
      { timeout: 20_000, interval: 5 },
    );
  return { child, ended, said, says };
}

async function rowOf({ id }: Said) {
  const { rows } = await database.pool.query<{
    beats: number;
    isExpired: boolean;
    isHeld: boolean;
  }>(
    `select beats::float8 as beats, expires_at < now() as "isExpired",
            exists (select from pg_locks
                    where locktype = 'advisory' and objid::bigint = w.lock) as "isHeld"
     from holdfast.workers w where worker_id = $1`,
    [id],
  );
  return rows[0];
}

it("a worker whose main thread stands still for 5 s lives on, and hears afterwards what was said", async () => {
  const { said, says, ended } = start({ leaseMs: 1500, blockMs: 5000, leave: true });
  const worker = await says("present");
  await database.pool.query("select pg_notify('holdfast', 'meanwhile')");
  const { beats } = (await rowOf(worker))!;
  while (!said.some(({ event }) => event === "woken")) {
    expect(await rowOf(worker)).toMatchObject({ isExpired: false, isHeld: true });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect((await rowOf(worker))!.beats).toBeGreaterThanOrEqual(beats + 8);
  expect(await says("done")).toMatchObject({ hints: 1 });
  expect(await ended).toBe(0);
  expect(said.map(({ event }) => event)).toEqual(["present", "woken", "done"]);
  expect(await rowOf(worker)).toBeUndefined();
});

it("a worker whose main thread stands still for too long falls silent, and goes on when it does", async () => {
  const { said, says, ended } = start({
    leaseMs: 600,
    blockMs: 3000,
    blockedAfterMs: 800,
    leave: true,
  });
  const worker = await says("present");
  await vi.waitUntil(async () => (await rowOf(worker))!.isExpired, { timeout: 2500, interval: 5 });
  const { beats } = (await rowOf(worker))!;
  expect(said.some(({ event }) => event === "woken")).toBe(false);
  await says("woken");
  await expect.poll(async () => (await rowOf(worker))!.beats).toBeGreaterThan(beats);
  expect(await says("noticed")).toMatchObject({ message: expect.stringContaining("stood still") });
  expect(await ended).toBe(0);
});

it.each([
  ["in a thread", {}],
  ["on the main thread", { ownCode: true }],
])("a session %s does not keep the process alive, and its lock goes with it", async (_, task) => {
  const { says, ended } = start({ leaseMs: 30_000, ...task });
  const worker = await says("present");
  await says("done");
  expect(await ended).toBe(0);
  await expect.poll(async () => (await rowOf(worker))!.isHeld).toBe(false);
  expect(await rowOf(worker)).toMatchObject({ isExpired: false });
});

it("a worker that is killed has no lock a moment later", async () => {
  const { child, says } = start({ leaseMs: 30_000, blockMs: 30_000 });
  const worker = await says("present");
  expect(await rowOf(worker)).toMatchObject({ isHeld: true });
  child.kill("SIGKILL");
  await expect.poll(async () => (await rowOf(worker))!.isHeld).toBe(false);
  expect(await rowOf(worker)).toMatchObject({ isExpired: false });
});

it("a program that was packed without the thread's file does without it, and says so", async () => {
  const root = await scratchDirectory();
  await mkdir(join(root, "core"));
  await cp(join(CORE, "src"), join(root, "core", "src"), { recursive: true });
  await rm(join(root, "core", "src", "store", "workers", "session-thread.ts"));
  await mkdir(join(root, "node_modules"));
  const require = createRequire(import.meta.url);
  await symlink(dirname(require.resolve("pg/package.json")), join(root, "node_modules", "pg"));
  const env = { HOLDFAST_TEST_SOURCE: `file://${root}/core/src/` };
  const { said, says, ended } = start({ leave: true }, env);
  expect(await says("noticed")).toMatchObject({
    message: expect.stringContaining("on the main thread"),
    reason: expect.stringContaining("session-thread"),
  });
  await says("done");
  expect(await ended).toBe(0);
  expect(said.filter(({ event }) => event === "noticed")).toHaveLength(1);
});

it("a worker shows its password to nobody: not in its arguments, not in its environment", async () => {
  const { child, says } = start({ blockMs: 5000 });
  await says("present");
  const { password } = new URL(database.url);
  for (const file of ["cmdline", "environ"]) {
    const shown = await readFile(`/proc/${child.pid}/${file}`, "utf8");
    expect(shown.replaceAll(process.env.HOLDFAST_TEST_DATABASE_URL ?? "\0", "")).not.toContain(
      password,
    );
  }
});
