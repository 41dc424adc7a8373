/** How fast runs find a worker: claims alone, and runs that are started here and done elsewhere. */
import { Runtime } from "@holdfast/core";
import { createPlainTable, plainInsert } from "../baseline/plain-insert.ts";
import type { BenchServer } from "../bench-server.ts";
import { markdownTable, number } from "../markdown.ts";
import { interleave, medianRatio, quantile, type Rounds } from "../measure.ts";
import { message } from "../random-text.ts";
import { addOtherRuns } from "../workloads/other-runs.ts";
import { claimsOnly } from "../workloads/ready-runs.ts";
import { type Served, type Starter, served } from "../workloads/served-runs.ts";
import type { Suite } from "./suite.ts";

const WORKERS = [1, 4];
const OTHER_RUNS = 100_000;
const ROUND_MS = 1200;
const BODY_LENGTH = 1000;
const RUNS_A_ROUND = 40;

export const claims: Suite = async (server, { rounds, progress }) => {
  progress(`claims: rounds: ${rounds}`);
  const measured = await throughput(server, rounds);
  progress(`claims: latencies of ${rounds * RUNS_A_ROUND} runs each`);
  const soon = await latencies(server, rounds * RUNS_A_ROUND);
  return ["## Claims", rates(measured), "### From start() in another process", soon].join("\n\n");
};

type Open = <T extends { close(): Promise<void> }>(resource: T) => T;

/** Whatever `work` opens is closed after it, the last one first. */
function withStarter<T>(
  server: BenchServer,
  work: (starter: Starter, open: Open) => Promise<T>,
): Promise<T> {
  return server.withDatabase(async (url) => {
    await using opened = new AsyncDisposableStack();
    const open: Open = (resource) => opened.adopt(resource, (closing) => closing.close());
    const runtime = open(new Runtime({ database: url }));
    await runtime.runs.list(); // Now there are tables.
    await addOtherRuns(url, OTHER_RUNS);
    return await work({ runtime, url }, open);
  });
}

function throughput(server: BenchServer, rounds: number): Promise<Rounds> {
  return withStarter(server, async (starter, open) => {
    const { url } = starter;
    await createPlainTable(url);
    const contenders = [plainInsert(url, 1, message("tool", BODY_LENGTH))];
    for (const workers of WORKERS) contenders.push(open(await claimsOnly(url, workers)));
    for (const workers of WORKERS) {
      contenders.push(open(await served(starter, { workers })).throughput);
    }
    return interleave(contenders, { rounds, ms: ROUND_MS });
  });
}

function rates(rounds: Rounds): string {
  const [yardstick] = rounds;
  return markdownTable(
    ["", "a second", `÷ ${yardstick![0]}`],
    [...rounds].map(([name, samples]) => {
      const all = samples.map(({ rate }) => rate);
      const ratio = medianRatio(samples, yardstick![1]);
      return [name, number(quantile(all, 0.5), 0), number(ratio, 2)];
    }),
  );
}

function latencies(server: BenchServer, count: number): Promise<string> {
  return withStarter(server, async (starter, open) => {
    const contenders: (readonly [string, Served])[] = [];
    for (const [name, fleet] of [
      ["with hints, workers: 1", { workers: 1 }],
      ["with hints, workers: 4", { workers: 4 }],
      ["polling only, workers: 1", { workers: 1, hints: false }],
      ["polling only, workers: 4", { workers: 4, hints: false }],
    ] as const) {
      contenders.push([name, open(await served(starter, fleet))]);
    }
    const rows: string[][] = [];
    for (const [name, { latencies }] of contenders) {
      const { firstStep, result } = await latencies(count);
      const cells = [firstStep, result].flatMap((times) =>
        [0.5, 0.99].map((q) => quantile(times, q)),
      );
      rows.push([name, ...cells.map((ms) => number(ms, 1))]);
    }
    const head = ["", "first step p50 ms", "p99 ms", "result() p50 ms", "p99 ms"];
    return markdownTable(head, rows);
  });
}
