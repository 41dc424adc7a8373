/** What conversations take in the database, beside the texts that were said in them. */
import { openStore, type Store } from "@holdfast/core/store";
import type { BenchServer } from "../bench-server.ts";
import { markdownTable, megabytes, number } from "../markdown.ts";
import { quantile } from "../measure.ts";
import { storageSize, walPosition } from "../storage-size.ts";
import { agentRun } from "../workloads/agent-run.ts";
import { chat } from "../workloads/chat.ts";
import { graphRun } from "../workloads/graph-run.ts";
import { bytesSaid, type Talk } from "../workloads/talk.ts";
import type { Suite } from "./suite.ts";

interface Scenario {
  readonly name: string;
  readonly talk: (url: string) => Promise<Talk>;
  /** How often it is done in one database, to say what one costs. Default: once. */
  readonly times?: number;
}

const SCENARIOS: readonly Scenario[] = [
  scenario("agent run, 50 turns, alone", 50, agentRun),
  scenario("agent run, 50 turns, mean of 20", 50, agentRun, 20),
  scenario("agent run, 200 turns", 200, agentRun),
  scenario("agent run, 1000 turns", 1000, agentRun),
  scenario("graph run, 50 turns, alone", 50, graphRun),
  scenario("graph run, 50 turns, mean of 20", 50, graphRun, 20),
  scenario("graph run, 100 turns, mean of 20", 100, graphRun, 20),
  { name: "chat, 1000 turns", talk: (url) => chat(url, 1000, 1000) },
  { name: "chat, 1000 turns, a new process every 10", talk: (url) => chat(url, 1000, 10) },
  { name: "chat, 200 turns, a new process every turn", talk: (url) => chat(url, 200, 1) },
];

export const bytes: Suite = async (server, { progress }) => {
  const rows: string[][] = [];
  for (const scenario of SCENARIOS) {
    progress(`bytes: ${scenario.name}`);
    rows.push(await measure(server, scenario));
  }
  const head = [
    "",
    "text MB",
    "rows MB",
    "disk MB",
    "disk ÷ text",
    "log MB",
    "ms a turn, at the end",
  ];
  return ["## Bytes", markdownTable(head, rows)].join("\n\n");
};

function measure(server: BenchServer, { name, talk, times = 1 }: Scenario): Promise<string[]> {
  return server.withDatabase(async (url) => {
    await (await openStore({ database: url })).close();
    const empty = await storageSize(url);
    const log = await walPosition(url);
    let text = 0;
    let turnMs: readonly number[] = [];
    for (let time = 0; time < times; time += 1) {
      const done = await talk(url);
      text += bytesSaid(done);
      turnMs = done.turnMs;
    }
    const logged = (await walPosition(url)) - log;
    const size = await storageSize(url);
    return [
      name,
      megabytes(text / times),
      megabytes((size.rows - empty.rows) / times),
      megabytes((size.disk - empty.disk) / times),
      number((size.disk - empty.disk) / text, 2),
      megabytes(logged / times),
      number(quantile(turnMs.slice(-Math.ceil(turnMs.length / 10)), 0.5), 1),
    ];
  });
}

function scenario(
  name: string,
  turns: number,
  talk: (store: Store, turns: number) => Promise<Talk>,
  times = 1,
): Scenario {
  return {
    name,
    times,
    async talk(url) {
      const store = await openStore({ database: url });
      try {
        return await talk(store, turns);
      } finally {
        await store.close();
      }
    },
  };
}
