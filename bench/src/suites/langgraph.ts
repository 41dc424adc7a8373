/** What Holdfast adds to a LangGraph app, beside LangGraph alone and LangGraph with its own saver on Postgres. */
import { Runtime } from "@holdfast/core";
import { openStore } from "@holdfast/core/store";
import "@holdfast/langgraph";
import { MemorySaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { createPlainTable, plainInsert } from "../baseline/plain-insert.ts";
import type { BenchServer } from "../bench-server.ts";
import { here } from "../fleet/place.ts";
import { startWorker, type WorkerProcess } from "../fleet/worker-process.ts";
import { markdownTable, megabytes, number } from "../markdown.ts";
import { interleave, medianRatio, quantile, type Rounds, type Sample } from "../measure.ts";
import { message } from "../random-text.ts";
import { type StorageSize, storageSize } from "../storage-size.ts";
import { asking, counting, supersteps, type Work } from "../workloads/graph-supersteps.ts";
import { type GraphTalk, graphAgent, graphChat } from "../workloads/graph-talks.ts";
import { bare, durably } from "../workloads/langgraph-app.ts";
import { bytesSaid } from "../workloads/talk.ts";
import type { Suite } from "./suite.ts";

const ROUND_MS = 1200;
const TURNS = [50, 200];

export const langgraph: Suite = async (server, { rounds, progress }) => {
  const parts = ["## LangGraph"];
  for (const [title, work] of [
    ["A superstep of plain code", counting],
    ["A superstep with a model call and a tool call", asking],
  ] as const) {
    progress(`langgraph: ${title}; rounds: ${rounds}`);
    parts.push(`### ${title}`, overheadTable(await overhead(server, work, rounds)));
  }
  progress(`langgraph: outside of runs; rounds: ${rounds}`);
  parts.push("### Outside of runs", passThroughTable(await passThrough(server, rounds)));
  const rows: string[][] = [];
  for (const [name, talk] of [
    ["chat, a run a turn", graphChat],
    ["agent, one run", graphAgent],
  ] as const) {
    for (const turns of TURNS) {
      progress(`langgraph: ${name}, turns: ${turns}`);
      rows.push([`${name}: ${turns} turns`, ...(await bytes(server, talk, turns))]);
    }
  }
  return [...parts, "### Bytes", markdownTable(BYTES_HEAD, rows)].join("\n\n");
};

function overhead(server: BenchServer, work: Work, rounds: number): Promise<Rounds> {
  return server.withDatabase(async (url) => {
    await using opened = new AsyncDisposableStack();
    const checkpointer = PostgresSaver.fromConnString(url);
    opened.defer(() => checkpointer.end());
    const runtime = new Runtime({ database: url });
    opened.defer(() => runtime.close());
    await checkpointer.setup();
    await createPlainTable(url);
    const alone = { work, invoke: bare };
    const durable = { work, invoke: durably(runtime) };
    const contenders = [
      plainInsert(url, 1, message("tool", 1000)),
      supersteps({ name: "LangGraph", ...alone }),
      supersteps({ name: "LangGraph, PostgresSaver", ...alone, checkpointer }),
      supersteps({
        name: 'LangGraph, PostgresSaver, durability "sync"',
        ...alone,
        checkpointer,
        options: { durability: "sync" },
      }),
      supersteps({ name: "Holdfast", ...durable }),
      supersteps({ name: "Holdfast, app with a PostgresSaver", ...durable, checkpointer }),
    ];
    return await interleave(contenders, { rounds, ms: ROUND_MS });
  });
}

/** What a superstep takes longer than with LangGraph alone, in times that an INSERT takes in that round. */
function overheadTable(rounds: Rounds): string {
  const [[, inserts] = [], [, alone] = []] = [...rounds];
  const added = (samples: readonly Sample[]): number =>
    quantile(
      samples.map(({ rate }, n) => (1 / rate - 1 / alone![n]!.rate) * inserts![n]!.rate),
      0.5,
    );
  const head = ["", "a second", "p50 ms", "p99 ms", "÷ LangGraph", "more, in bare INSERTs"];
  const rows = [...rounds].map(([name, samples], nth) => [
    name,
    ...ratesOf(samples),
    nth === 0 ? "" : number(medianRatio(samples, alone!), 2),
    nth < 2 ? "" : number(added(samples), 2),
  ]);
  return markdownTable(head, rows);
}

/** The same app run by LangGraph alone, in a process that has run it durably and in one that never had Holdfast. */
function passThrough(server: BenchServer, rounds: number): Promise<Rounds> {
  return server.withDatabase(async (url) => {
    await using opened = new AsyncDisposableStack();
    const start = async (name: string, env: Readonly<Record<string, string>>) => {
      let sampled = Promise.withResolvers<Sample>();
      const worker: WorkerProcess = await startWorker({
        program: "passing-through.ts",
        place: here(url),
        env,
        hear(news) {
          if (news.is === "sampled") sampled.resolve(news.sample);
        },
      });
      opened.defer(() => worker.end());
      const sample = (ms: number): Promise<Sample> => {
        sampled = Promise.withResolvers();
        worker.send(`${ms}`);
        return sampled.promise;
      };
      return { name, sample };
    };
    const contenders = [
      await start("never imported", {}),
      await start("imported, has run durably before", {
        HOLDFAST_BENCH_ADAPTER: "@holdfast/langgraph",
      }),
    ];
    return await interleave(contenders, { rounds: rounds * 3, ms: ROUND_MS / 3 });
  });
}

function passThroughTable(rounds: Rounds): string {
  const [without] = rounds.values();
  return markdownTable(
    ["the adapter is", "supersteps a second of CPU", "p50 ms", "p99 ms", "÷ never imported"],
    [...rounds].map(([name, samples]) => [
      name,
      ...ratesOf(samples),
      number(medianRatio(samples, without!), 2),
    ]),
  );
}

function ratesOf(samples: readonly Sample[]): readonly string[] {
  const median = (of: keyof Sample): number =>
    quantile(
      samples.map((sample) => sample[of] ?? Number.NaN),
      0.5,
    );
  return [number(median("rate"), 0), number(median("p50"), 2), number(median("p99"), 2)];
}

const BYTES_HEAD = [
  "",
  "text MB",
  "PostgresSaver rows MB",
  "disk MB",
  "ms a turn",
  "Holdfast rows MB",
  "disk MB",
  "ms a turn",
  "disk ÷ text",
  "PostgresSaver ÷ Holdfast, rows",
  "disk",
];

type Talk = (how: GraphTalk) => Promise<readonly string[]>;

interface Stored {
  readonly text: number;
  readonly size: StorageSize;
  readonly turnMs: number;
}

async function bytes(server: BenchServer, talk: Talk, turns: number): Promise<string[]> {
  const theirs = await inPostgresSaver(server, talk, turns);
  const ours = await inHoldfast(server, talk, turns);
  const columns = ({ size, turnMs }: Stored): string[] => [
    megabytes(size.rows),
    megabytes(size.disk),
    number(turnMs, 1),
  ];
  return [
    megabytes(ours.text),
    ...columns(theirs),
    ...columns(ours),
    number(ours.size.disk / ours.text, 2),
    number(theirs.size.rows / ours.size.rows, 1),
    number(theirs.size.disk / ours.size.disk, 1),
  ];
}

function inPostgresSaver(server: BenchServer, talk: Talk, turns: number): Promise<Stored> {
  return server.withDatabase(async (url) => {
    await using opened = new AsyncDisposableStack();
    const checkpointer = PostgresSaver.fromConnString(url);
    opened.defer(() => checkpointer.end());
    await checkpointer.setup();
    const tables = ["checkpoints", "checkpoint_blobs", "checkpoint_writes"];
    return await measured(url, tables, talk, { turns, invoke: bare, checkpointer });
  });
}

/** A saver in memory only says that there are threads: Holdfast keeps them in its own store. */
function inHoldfast(server: BenchServer, talk: Talk, turns: number): Promise<Stored> {
  return server.withDatabase(async (url) => {
    await (await openStore({ database: url })).close();
    await using opened = new AsyncDisposableStack();
    const runtime = new Runtime({ database: url });
    opened.defer(() => runtime.close());
    const checkpointer = new MemorySaver();
    return await measured(url, undefined, talk, { turns, invoke: durably(runtime), checkpointer });
  });
}

/** What these tables take more than when they were empty; by default those of Holdfast. */
async function measured(
  url: string,
  tables: readonly string[] | undefined,
  talk: Talk,
  how: GraphTalk,
): Promise<Stored> {
  const empty = await storageSize(url, tables);
  const began = performance.now();
  const said = await talk(how);
  const turnMs = (performance.now() - began) / how.turns;
  const { disk, rows } = await storageSize(url, tables);
  const size = { disk: disk - empty.disk, rows: rows - empty.rows };
  return { text: bytesSaid({ said }), size, turnMs };
}
