/** Real processes with runtimes, on the database of a test file. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, vi } from "vitest";
import type { Task } from "./fixtures/process.ts";

const PROGRAM = fileURLToPath(new URL("fixtures/process.ts", import.meta.url));

interface Said {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface Process {
  readonly child: ChildProcess;
  /** How it ended: its exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly said: readonly Said[];
  /** What it wrote to its error output, once it has ended. */
  readonly errors: Promise<string>;
  /** Resolves when it has said such a thing; rejects when it ends without. */
  says(event: string, fields?: Readonly<Record<string, unknown>>): Promise<Said>;
  /** Tells it to go on. */
  cue(): void;
  kill(signal: NodeJS.Signals): void;
}

/** To be called at the top of a test file: what it starts is killed after the file, if it is there then. */
export function processesOn(url: string): (task: Task) => Process {
  const started: Process[] = [];
  afterAll(async () => {
    for (const { kill } of started) kill("SIGKILL");
    await Promise.all(started.map(({ ended }) => ended));
  });
  return (task) => {
    const process = startProcess(url, task);
    started.push(process);
    return process;
  };
}

function startProcess(url: string, task: Task): Process {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(task)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {}); // It may be gone before it has read all.
  child.stdin.write(`${url}\n`);
  const said: Said[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => said.push(JSON.parse(line)));
  const errors = text(child.stderr);
  const ended = once(child, "close").then(([code, signal]) => code ?? signal);
  const says = (event: string, fields: Readonly<Record<string, unknown>> = {}) =>
    vi.waitUntil(
      async () => {
        const found = said.find(
          (each) =>
            each.event === event &&
            Object.entries(fields).every(([key, value]) => each[key] === value),
        );
        if (found !== undefined) return found;
        if (child.exitCode === null && child.signalCode === null) return undefined;
        throw new Error(`It ended without ${event}: ${JSON.stringify(said)} ${await errors}`);
      },
      { timeout: 20_000, interval: 5 },
    );
  return {
    child,
    ended,
    said,
    errors,
    says,
    kill: (signal) => child.kill(signal),
    cue: () => child.stdin.write("go\n"),
  };
}
