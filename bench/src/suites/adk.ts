/** What Holdfast adds to an app of ADK, beside ADK alone; and what sessions take in the database. */
import { Runtime } from "@holdfast/core";
import { openStore } from "@holdfast/core/store";
import "@holdfast/adk";
import { createPlainTable, plainInsert } from "../baseline/plain-insert.ts";
import type { BenchServer } from "../bench-server.ts";
import { markdownTable, megabytes, number } from "../markdown.ts";
import { interleave, quantile, type Rounds, type Sample } from "../measure.ts";
import { message } from "../random-text.ts";
import { storageSize } from "../storage-size.ts";
import { bare, chat, durably, type Say, work, workingTurns } from "../workloads/adk-agent.ts";
import { bytesSaid, type Talk } from "../workloads/talk.ts";
import type { Suite } from "./suite.ts";

const ROUND_MS = 1200;
const TURNS_OF_A_RUN = 50;
const TURNS = [50, 200];

export const adk: Suite = async (server, { rounds, progress }) => {
  progress(`adk: a model call and a tool call; rounds: ${rounds}`);
  const overhead = overheadTable(await measure(server, rounds));
  const rows: string[][] = [];
  for (const [name, talk] of [
    ["chat, a run a turn", chat],
    ["agent, one run", work],
  ] as const) {
    for (const turns of TURNS) {
      progress(`adk: ${name}, turns: ${turns}`);
      rows.push([`${name}: ${turns} turns`, ...(await bytes(server, talk, turns))]);
    }
  }
  const head = ["", "text MB", "rows MB", "disk MB", "rows ÷ text", "disk ÷ text", "ms a turn"];
  return [
    "## ADK",
    `### A turn: a model call and a tool call, in runs of ${TURNS_OF_A_RUN}`,
    overhead,
    "### Bytes",
    markdownTable(head, rows),
  ].join("\n\n");
};

function measure(server: BenchServer, rounds: number): Promise<Rounds> {
  return server.withDatabase(async (url) => {
    const runtime = new Runtime({ database: url });
    try {
      await createPlainTable(url);
      const contenders = [
        plainInsert(url, 1, message("tool", 1000)),
        workingTurns("ADK alone, in memory", bare, TURNS_OF_A_RUN),
        workingTurns("Holdfast", durably(runtime), TURNS_OF_A_RUN),
      ];
      return await interleave(contenders, { rounds, ms: ROUND_MS });
    } finally {
      await runtime.close();
    }
  });
}

/** What a turn takes longer than with ADK alone, also in times that an INSERT takes in that round. */
function overheadTable(rounds: Rounds): string {
  const [[, inserts] = [], [, alone] = []] = [...rounds];
  const median = (of: (nth: number) => number): number =>
    quantile(
      inserts!.map((_, nth) => of(nth)),
      0.5,
    );
  const msOf = (samples: readonly Sample[], nth: number): number => 1000 / samples[nth]!.rate;
  const head = ["", "ms", "p99 ms", "ms more than ADK alone", "that, in bare INSERTs"];
  const rows = [...rounds].map(([name, samples], row) => {
    const more = (nth: number): number => msOf(samples, nth) - msOf(alone!, nth);
    return [
      name,
      number(
        median((nth) => msOf(samples, nth)),
        2,
      ),
      number(
        median((nth) => samples[nth]!.p99 ?? Number.NaN),
        2,
      ),
      row < 2 ? "" : number(median(more), 2),
      row < 2
        ? ""
        : number(
            median((nth) => more(nth) / msOf(inserts!, nth)),
            1,
          ),
    ];
  });
  return markdownTable(head, rows);
}

function bytes(
  server: BenchServer,
  talk: (say: Say, turns: number) => Promise<Talk>,
  turns: number,
): Promise<string[]> {
  return server.withDatabase(async (url) => {
    await (await openStore({ database: url })).close();
    const empty = await storageSize(url);
    const runtime = new Runtime({ database: url });
    const done = await talk(durably(runtime), turns);
    await runtime.close();
    const size = await storageSize(url);
    const text = bytesSaid(done);
    const rows = size.rows - empty.rows;
    const disk = size.disk - empty.disk;
    return [
      megabytes(text),
      megabytes(rows),
      megabytes(disk),
      number(rows / text, 2),
      number(disk / text, 2),
      number(quantile(done.turnMs.slice(-10), 0.5), 1),
    ];
  });
}
