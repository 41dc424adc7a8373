// Runs a short program to its end and collects what it said, under the account of the database.
// The environment is a short list: PG* variables would change what PostgreSQL does, and an API key
// must not end up in the environment of a long-lived process of another user.
import { spawn } from "node:child_process";
import type { ServiceUser } from "./service-user.ts";

export interface Outcome {
  /** Exit code; undefined when the program could not be started or was ended by a signal. */
  readonly code: number | undefined;
  /** What it wrote, or `spawn ENOENT` and the like when it could not be started. */
  readonly output: string;
}

const PASSED_ON = [
  "PATH",
  "HOME",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SystemRoot",
  "windir",
  "ComSpec",
];

/** The environment every program of the database is given. */
export function serverEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: "C" };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/** Never rejects: a program that cannot be started is an outcome. */
export function runAs(
  user: ServiceUser | undefined,
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: serverEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      if (output.length < 100_000) output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error: NodeJS.ErrnoException) => {
      resolve({ code: undefined, output: `spawn ${error.code ?? error.message}` });
    });
    child.on("close", (code) => resolve({ code: code ?? undefined, output }));
  });
}
