/** A worker of the chaos on a host of its own: what it tells comes by a pipe, which no cut reaches. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Told } from "../chaos/happening.ts";
import { WORKER_ORDER, type WorkerOrder } from "../chaos/worker-order.ts";
import type { Host } from "./network.ts";

export interface HostWorkerOptions {
  readonly host: Host;
  readonly url: string;
  /** Where its session goes. Default: as everything else. */
  readonly directUrl?: string;
  hear(told: Told): void;
}

export interface HostWorker extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** All that it has told. */
  readonly told: readonly Told[];
  kill(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL("../chaos/worker.ts", import.meta.url));

/** Resolves when it serves. */
export async function startOn(options: HostWorkerOptions): Promise<HostWorker> {
  const { host, url, directUrl, hear } = options;
  const [command, ...args] = [...host.command, process.execPath, SCRIPT];
  const order: WorkerOrder = { concurrency: 32, options: { hotPeriod: 0 } };
  const child = spawn(command!, args, {
    env: {
      ...process.env,
      HOLDFAST_DATABASE_URL: url,
      ...(directUrl === undefined ? {} : { HOLDFAST_DATABASE_URL_DIRECT: directUrl }),
      [WORKER_ORDER]: JSON.stringify(order),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "close");
  const told: Told[] = [];
  const { promise: serving, resolve, reject } = Promise.withResolvers<void>();
  createInterface(child.stdout).on("line", (line) => {
    const one = JSON.parse(line) as Told;
    told.push(one);
    hear(one);
    if (one.is === "loaded") child.stdin.write("serve\n");
    if (one.is === "serving") resolve();
  });
  void exited.then(() => reject(new Error(`The worker on host ${host.name} ended.`)));
  await serving;
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return {
    name: host.name,
    pid: child.pid!,
    told,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
