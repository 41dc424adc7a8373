// Directories and programs of a test. Everything made here is gone when the test has ended: the
// programs, the servers they started, the files.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";
import { findLayout } from "../../../src/embedded/home.ts";
import { startEmbedded, stopEmbedded } from "../../../src/embedded/index.ts";
import { readPostmaster } from "../../../src/embedded/postmaster.ts";

export const isRoot: boolean = process.getuid?.() === 0;

/** A directory everyone can pass through. */
export async function scratchDirectory(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "holdfast-test-")));
  await chmod(dir, 0o755);
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** The home of an embedded database; its server is stopped after the test. */
export async function scratchHome(): Promise<string> {
  const home = join(await scratchDirectory(), ".holdfast");
  stopAfterTest(home);
  return home;
}

export function stopAfterTest(home: string): void {
  onTestFinished(async () => {
    await stopEmbedded({ dir: home });
    const { base } = await findLayout(home);
    if (base !== (await realpath(home).catch(() => base))) await rm(base, { recursive: true });
  });
}

let template: string | undefined;

/** A home with a stopped, empty cluster: a copy of one that each test file makes once. */
export async function madeHome(): Promise<string> {
  if (template === undefined) {
    template = await realpath(await mkdtemp(join(tmpdir(), "holdfast-template-")));
    await (await startEmbedded({ dir: template })).close();
    await rm(join(template, "pg18", "port")); // each copy finds its own
  }
  const home = await scratchHome();
  execFileSync("cp", ["-a", template, home]);
  return home;
}

afterAll(async () => {
  if (template !== undefined) await rm(template, { recursive: true });
});

/** The process id of the server of a home. */
export async function serverPid(home: string): Promise<number | undefined> {
  return (await readPostmaster((await findLayout(home)).data))?.pid;
}

interface ProgramEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface Program {
  readonly child: ChildProcess;
  /** The next event with this name that was not taken yet. */
  next(event: string): Promise<ProgramEvent>;
  send(command: string): void;
  /** Resolves to the exit code, or the signal. */
  readonly ended: Promise<number | string>;
}

export interface ProgramOptions {
  readonly home: string;
  /** `leave` closes at once, `hold` waits for commands, `idle` keeps nothing alive itself. */
  readonly mode: "leave" | "hold" | "idle";
  readonly uid?: number;
  readonly gid?: number;
  readonly program?: string;
  readonly env?: Record<string, string>;
  readonly timeoutMs?: number;
}

const PROGRAM = fileURLToPath(new URL("./program.ts", import.meta.url));

/** Another process of the project, running the real code. */
export function startProgram(options: ProgramOptions): Program {
  const { uid, gid, program = PROGRAM, env, ...rest } = options;
  const child = spawn(process.execPath, [program, JSON.stringify(rest)], {
    cwd: "/",
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  const seen: ProgramEvent[] = [];
  const waiting: { event: string; resolve: (event: ProgramEvent) => void }[] = [];
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event: ProgramEvent = JSON.parse(line);
    const index = waiting.findIndex((waiter) => waiter.event === event.event);
    if (index >= 0) waiting.splice(index, 1)[0]?.resolve(event);
    else seen.push(event);
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    ended,
    send: (command) => child.stdin.write(`${command}\n`),
    next: (event) =>
      new Promise((resolve, reject) => {
        const index = seen.findIndex((candidate) => candidate.event === event);
        if (index >= 0) return resolve(seen.splice(index, 1)[0] as ProgramEvent);
        waiting.push({ event, resolve });
        const names = seen.map((candidate) => JSON.stringify(candidate)).join("\n");
        void ended.then((code) => reject(new Error(`ended with ${code}\n${errors}\n${names}`)));
      }),
  };
}

/** Resolves as soon as the condition holds; the test's own time limit is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Whether the process does anything any more; a zombie does not. */
export function isRunning(pid: number): boolean {
  const state = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout;
  return /^[^Z\s]/.test(state.trim());
}

/** The account an unprivileged program runs under when the tests run as root. */
export async function ordinaryUser(): Promise<{ uid: number; gid: number }> {
  const accounts = await readFile("/etc/passwd", "utf8");
  const fields = /^nobody:[^:]*:(\d+):(\d+):/m.exec(accounts);
  return { uid: Number(fields?.[1]), gid: Number(fields?.[2]) };
}

export const CORE: string = dirname(dirname(dirname(dirname(PROGRAM))));
