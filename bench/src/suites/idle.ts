/** What workers cost that have nothing to do: the server all of them, and the machine each of them. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchServer } from "../bench-server.ts";
import { here } from "../fleet/place.ts";
import { type News, startWorker, type WorkerProcess } from "../fleet/worker-process.ts";
import { markdownTable, number } from "../markdown.ts";
import { quantile } from "../measure.ts";
import { connections, serverLoad } from "../server-load.ts";
import type { Suite } from "./suite.ts";

const FLEETS = [1, 10, 50];
const WORKERS_A_PROCESS = 10;
/** Until they have counted each other, and what they did to begin is done. */
const SETTLE_MS = 15_000;
const MEASURE_MS = 30_000;
const PROCESSES = 3;

export const idle: Suite = async (server, { progress }) => {
  const loads: string[][] = [];
  for (const workers of FLEETS) {
    progress(`idle: workers: ${workers}`);
    loads.push(await fleetLoad(server, workers));
  }
  progress("idle: one process");
  const memory: string[][] = [];
  for (const [name, program, way] of [
    ["a connection and nothing else", "bare.ts", ""],
    ["a worker, its session in a thread", "idle.ts", "thread"],
    ["a worker, its session on the main thread", "idle.ts", "no thread"],
  ] as const) {
    memory.push(await processCost(server, name, { program, way }));
  }
  const fleet = [
    "workers",
    "connections each",
    "transactions a second",
    "server CPU %",
    "workers CPU % each",
  ];
  return [
    "## Idle",
    markdownTable(fleet, loads),
    "### One process",
    markdownTable(["", "RSS MB", "connections"], memory),
  ].join("\n\n");
};

function fleetLoad(server: BenchServer, workers: number): Promise<string[]> {
  return server.withDatabase(async (url) => {
    await using opened = new AsyncDisposableStack();
    const processes: Asked[] = [];
    for (let left = workers; left > 0; left -= WORKERS_A_PROCESS) {
      const count = Math.min(left, WORKERS_A_PROCESS);
      processes.push(await start(opened, { url, program: "idle.ts", count, way: "thread" }));
    }
    await sleep(SETTLE_MS);
    const cpuOf = async () =>
      (await Promise.all(processes.map((each) => each.used()))).reduce(
        (sum, { cpuMs }) => sum + cpuMs,
        0,
      );
    const [before, cpuBefore, began] = [await serverLoad(url), await cpuOf(), performance.now()];
    await sleep(MEASURE_MS);
    const [after, cpuAfter, ms] = [await serverLoad(url), await cpuOf(), performance.now() - began];
    const cpu =
      after.cpuMs === undefined || before.cpuMs === undefined
        ? undefined
        : ((after.cpuMs - before.cpuMs) / ms) * 100;
    return [
      number(workers, 0),
      number((await connectionsOf(url)) / workers, 1),
      number(((after.transactions - before.transactions) / ms) * 1000, 1),
      number(cpu, 1),
      number(((cpuAfter - cpuBefore) / ms / workers) * 100, 2),
    ];
  });
}

/** Of a few processes, the middle one. */
function processCost(
  server: BenchServer,
  name: string,
  { program, way }: { readonly program: string; readonly way: string },
): Promise<string[]> {
  return server.withDatabase(async (url) => {
    const sizes: number[] = [];
    let count = 0;
    for (let nth = 0; nth < PROCESSES; nth += 1) {
      await using opened = new AsyncDisposableStack();
      const process = await start(opened, { url, program, count: 1, way });
      await sleep(SETTLE_MS / 3);
      sizes.push((await process.used()).rss);
      count = await connectionsOf(url);
    }
    return [
      name,
      number(quantile(sizes, 0.5) / 1e6, 0),
      program === "bare.ts" ? "1" : number(count, 0),
    ];
  });
}

async function connectionsOf(url: string): Promise<number> {
  return [...(await connections(url)).values()].reduce((sum, count) => sum + count, 0);
}

type Used = Extract<News, { readonly is: "used" }>;

interface Asked {
  used(): Promise<Used>;
}

async function start(
  opened: AsyncDisposableStack,
  { url, program, count, way }: { url: string; program: string; count: number; way: string },
): Promise<Asked> {
  let answer = Promise.withResolvers<Used>();
  const process: WorkerProcess = await startWorker({
    program,
    place: here(url),
    env: { HOLDFAST_BENCH_WORKERS: `${count}`, HOLDFAST_BENCH_WAY: way },
    hear: (news) => {
      if (news.is === "used") answer.resolve(news);
    },
  });
  opened.defer(() => process.end());
  return {
    used() {
      answer = Promise.withResolvers();
      process.send("used?");
      return answer.promise;
    },
  };
}
