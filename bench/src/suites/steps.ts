/** What `step()` costs in a run, beside the journal alone and a bare insert; and what a replay costs. */
import { Runtime } from "@holdfast/core";
import { openStore } from "@holdfast/core/store";
import { createPlainTable, plainInsert } from "../baseline/plain-insert.ts";
import type { BenchServer } from "../bench-server.ts";
import { markdownTable, number } from "../markdown.ts";
import { interleave, medianRatio, quantile, type Rounds } from "../measure.ts";
import { message } from "../random-text.ts";
import { countedSteps, durableSteps } from "../workloads/durable-steps.ts";
import { toolSteps } from "../workloads/entries.ts";
import { newRun } from "../workloads/new-run.ts";
import type { Suite } from "./suite.ts";

const ROUND_MS = 1200;
const BODY_LENGTH = 1000;
const CONCURRENT_RUNS = [1, 64];
const REPLAYED = [1_000, 10_000, 40_000];

export const steps: Suite = async (server, { rounds, progress }) => {
  const parts = ["## Steps"];
  for (const runs of CONCURRENT_RUNS) {
    progress(`steps: runs at once: ${runs}; rounds: ${rounds}`);
    parts.push(`### ${runs === 1 ? "1 run" : `${runs} concurrent runs`}`);
    parts.push(table(await measure(server, runs, rounds)));
  }
  progress("steps: replay");
  const rows: string[][] = [];
  for (const count of REPLAYED) rows.push(await replay(server, count));
  const head = ["steps", "first run s", "replay s", "replay µs a step"];
  return [...parts, "### Replay", markdownTable(head, rows)].join("\n\n");
};

function measure(server: BenchServer, runs: number, rounds: number): Promise<Rounds> {
  return server.withDatabase(async (url) => {
    const body = message("tool", BODY_LENGTH);
    const store = await openStore({ database: url });
    const runtime = new Runtime({ database: url });
    try {
      await createPlainTable(url);
      const writers = await Promise.all(Array.from({ length: runs }, () => newRun(store)));
      const contenders = [
        plainInsert(url, 1, body),
        toolSteps(writers, body),
        durableSteps(runtime, runs, body),
      ];
      return await interleave(contenders, { rounds, ms: ROUND_MS });
    } finally {
      await Promise.all([runtime.close(), store.close()]);
    }
  });
}

function table(rounds: Rounds): string {
  const [yardstick] = rounds.values();
  return markdownTable(
    ["", "a second", "p50 ms", "p99 ms", "÷ bare INSERT, connections: 1"],
    [...rounds].map(([name, samples]) => [
      name,
      number(
        quantile(
          samples.map(({ rate }) => rate),
          0.5,
        ),
        0,
      ),
      number(samples[0]!.p50, 2),
      number(samples[0]!.p99, 2),
      number(medianRatio(samples, yardstick!), 2),
    ]),
  );
}

/** A run is left unfinished by one runtime and finished by the next, over its journal. */
function replay(server: BenchServer, count: number): Promise<string[]> {
  return server.withDatabase(async (url) => {
    const durable = { runId: "counted" };
    const first = new Runtime({ database: url });
    const began = performance.now();
    const left = first.run(countedSteps(count, true), null, { durable });
    left.catch(() => {}); // Its runtime is closed under it.
    const handle = first.handle("counted");
    let done = 0;
    for await (const { type } of handle.events()) {
      if (type === "finished") done += 1;
      if (done === count) break;
    }
    const firstMs = performance.now() - began;
    await first.close();

    const second = new Runtime({ database: url });
    const resumed = performance.now();
    await second.run(countedSteps(count, false), null, { durable });
    const replayMs = performance.now() - resumed;
    await second.close();
    return [
      number(count, 0),
      number(firstMs / 1000, 1),
      number(replayMs / 1000, 2),
      number((replayMs * 1000) / count, 0),
    ];
  });
}
