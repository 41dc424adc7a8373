/**
 * A worker in a process of its own, running one of `../programs`. It says over its channel what happens
 * in it, and closes when the channel does, so that none outlives the bench.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Sample } from "../measure.ts";
import type { Place } from "./place.ts";

/** Each program says once that it is ready. */
export type News =
  | { readonly is: "ready" }
  /** It is in the middle of a step of this run. */
  | { readonly is: "holding"; readonly runId: string }
  /** It found another worker dead, for this reason. */
  | { readonly is: "found dead"; readonly why: string }
  /** Bytes it has, milliseconds it has worked. */
  | { readonly is: "used"; readonly rss: number; readonly cpuMs: number }
  | { readonly is: "sampled"; readonly sample: Sample };

export interface WorkerProcess {
  readonly pid: number;
  send(order: string): void;
  /** `kill -9`. Returns at once. */
  kill(): void;
  /** Lets it close by itself, unless it was killed; resolves when it is gone. */
  end(): Promise<void>;
}

export interface WorkerOrder {
  /** A file of `../programs`. */
  readonly program: string;
  readonly place: Place;
  readonly env?: Readonly<Record<string, string>>;
  hear?(news: News): void;
}

/** Resolves when the program is ready. */
export async function startWorker({
  program,
  place,
  env = {},
  hear = () => {},
}: WorkerOrder): Promise<WorkerProcess> {
  const script = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  const [file, ...args] = place.command([process.execPath, script]);
  const child = spawn(file!, args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, HOLDFAST_DATABASE_URL: place.url, ...env },
  });
  const gone = once(child, "exit");
  const ready = new Promise<void>((resolve) => {
    child.on("message", (news: News) => {
      if (news.is === "ready") resolve();
      else hear(news);
    });
  });
  await Promise.race([
    ready,
    gone.then(([code]) => {
      throw new Error(`${program} ended with ${code} before it was ready`);
    }),
  ]);
  return {
    pid: child.pid!,
    send: (order) => child.send(order),
    kill: () => child.kill("SIGKILL"),
    async end() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
