/** How fast entries become durable, beside what the same server does with the barest insert. */
import { openStore } from "@holdfast/core/store";
import { findPgbench, pgbench } from "../baseline/pgbench.ts";
import { createPlainTable, plainInsert } from "../baseline/plain-insert.ts";
import type { BenchServer } from "../bench-server.ts";
import { markdownTable, number } from "../markdown.ts";
import { interleave, medianRatio, quantile, type Rounds } from "../measure.ts";
import { message } from "../random-text.ts";
import { entries, modelTurns, toolSteps } from "../workloads/entries.ts";
import { newRun } from "../workloads/new-run.ts";
import { addOtherRuns } from "../workloads/other-runs.ts";
import type { Suite } from "./suite.ts";

const CONCURRENT_RUNS = [1, 8, 64];
const OTHER_RUNS = 100_000;
const ROUND_MS = 1200;
const BODY_LENGTH = 1000;

export const append: Suite = async (server, { rounds, progress }) => {
  const tables: string[] = [];
  for (const runs of CONCURRENT_RUNS) {
    progress(`append: runs at once: ${runs}; rounds: ${rounds}`);
    tables.push(`### ${runs === 1 ? "1 run" : `${runs} concurrent runs`}`);
    tables.push(table(await measure(server, runs, rounds)));
  }
  return ["## Append", ...tables].join("\n\n");
};

function measure(server: BenchServer, runs: number, rounds: number): Promise<Rounds> {
  return server.withDatabase(async (url) => {
    const body = message("tool", BODY_LENGTH);
    const program = findPgbench();
    await using opened = new AsyncDisposableStack();
    const open = <T extends { close(): Promise<void> }>(resource: T): T =>
      opened.adopt(resource, (closing) => closing.close());

    const store = open(await openStore({ database: url }));
    await addOtherRuns(url, OTHER_RUNS);
    await createPlainTable(url);
    const writers = await Promise.all(Array.from({ length: runs }, () => newRun(store)));
    // Awaited here, because what is open is closed when this function returns.
    return await interleave(
      [
        plainInsert(url, 1, body),
        ...(runs === 1 ? [] : [plainInsert(url, runs, body)]),
        ...(program === undefined ? [] : [open(await pgbench(program, url, runs, body))]),
        entries(writers, body),
        toolSteps(writers, body),
        modelTurns(writers),
      ],
      { rounds, ms: ROUND_MS },
    );
  });
}

/** One row a contender, with its ratio to each yardstick: medians over the rounds. */
function table(rounds: Rounds): string {
  const yardsticks = [...rounds].filter(([name]) => /^(bare|pgbench)/.test(name));
  return markdownTable(
    ["", "a second", "p50 ms", "p99 ms", ...yardsticks.map(([name]) => `÷ ${name}`)],
    [...rounds].map(([name, samples]) => [
      name,
      number(median(samples.map(({ rate }) => rate)), 0),
      number(median(samples.map(({ p50 }) => p50)), 2),
      number(median(samples.map(({ p99 }) => p99)), 2),
      ...yardsticks.map(([, yardstick]) => number(medianRatio(samples, yardstick), 2)),
    ]),
  );
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : quantile(known, 0.5);
}
