/** How long it takes to get back everything the last model call of a run was given. */
import assert from "node:assert/strict";
import { type ListId, openStore, type Store } from "@holdfast/core/store";
import type { BenchServer } from "../bench-server.ts";
import { markdownTable, number } from "../markdown.ts";
import { quantile } from "../measure.ts";
import { type AgentRun, agentRun } from "../workloads/agent-run.ts";
import type { Suite } from "./suite.ts";

const TURNS = [50, 200, 1000];
const READS = 20;

export const rebuild: Suite = async (server, { progress }) => {
  const rows: string[][] = [];
  for (const turns of TURNS) {
    progress(`rebuild: the last input of ${turns} turns`);
    rows.push(await measure(server, turns));
  }
  const head = ["", "messages", "first read ms", "p50 ms", "p99 ms"];
  return ["## Rebuild", markdownTable(head, rows)].join("\n\n");
};

function measure(server: BenchServer, turns: number): Promise<string[]> {
  return server.withDatabase(async (url) => {
    const run = await withStore(url, (store) => agentRun(store, turns));
    return withStore(url, async (store) => {
      const list = await lastInput(store, run);
      const reads: number[] = [];
      for (let read = 0; read < READS; read += 1) {
        const began = performance.now();
        const texts = await store.list(run.spaceId, list);
        reads.push(performance.now() - began);
        assert.deepEqual(texts, run.lastInput);
      }
      return [
        `${turns} turns`,
        number(run.lastInput.length, 0),
        number(reads[0], 1),
        number(quantile(reads, 0.5), 1),
        number(quantile(reads, 0.99), 1),
      ];
    });
  });
}

async function lastInput(store: Store, { runId }: AgentRun): Promise<ListId> {
  let last: ListId | undefined;
  for await (const { input } of store.journal(runId)) last = input ?? last;
  assert(last !== undefined, "the run made no model call");
  return last;
}

async function withStore<T>(url: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ database: url });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
