/** What a turn of an agent of OpenAI's SDK costs durably, beside the SDK alone; and to take a run up. */
import { Runtime, silentLogger } from "@holdfast/core";
import "@holdfast/openai-agents";
import { type Agent, run } from "@openai/agents";
import { createPlainTable, plainInsert } from "../baseline/plain-insert.ts";
import type { BenchServer } from "../bench-server.ts";
import { markdownTable, number } from "../markdown.ts";
import {
  type Contender,
  interleave,
  medianRatio,
  quantile,
  type Rounds,
  type Sample,
} from "../measure.ts";
import { randomText } from "../random-text.ts";
import { TEXT_LENGTH, workingAgent } from "../workloads/openai-agent.ts";
import { openaiAgentsBytes } from "./openai-agents-bytes.ts";
import type { Suite } from "./suite.ts";

const RUN_TURNS = 200;
const COMPARED_TURNS = [10, RUN_TURNS];
const ROUND_MS = 1200;

export const openaiAgents: Suite = async (server, options) => {
  const { rounds, progress } = options;
  const parts = ["## OpenAI Agents"];
  for (const turns of COMPARED_TURNS) {
    progress(`openai-agents: a run of ${turns} turns; rounds: ${rounds}`);
    parts.push(
      `### A run of ${turns} turns, a tool call each`,
      await overhead(server, turns, rounds),
    );
  }
  progress(`openai-agents: taking up a run at its turn ${RUN_TURNS}`);
  parts.push("### Taken up at the last turn, by another runtime", await resumed(server, rounds));
  parts.push("### Bytes", await openaiAgentsBytes(server, options));
  return parts.join("\n\n");
};

function overhead(server: BenchServer, turns: number, rounds: number): Promise<string> {
  return server.withDatabase(async (url) => {
    const runtime = new Runtime({ database: url });
    const options = { maxTurns: turns };
    try {
      await createPlainTable(url);
      const contenders = [
        plainInsert(url, 1, randomText(TEXT_LENGTH)),
        turnsOf("bare SDK", turns, () => run(workingAgent(turns).agent, "Go.", options)),
        turnsOf("runtime.run", turns, () => runtime.run(workingAgent(turns).agent, "Go.", options)),
      ];
      // Code that is compiled only after a while is in both.
      for (const contender of contenders) await contender.sample(ROUND_MS);
      return comparison(await interleave(contenders, { rounds, ms: ROUND_MS }));
    } finally {
      await runtime.close();
    }
  });
}

/** Whole runs, as many as there is time for. What counts is a turn. */
function turnsOf(name: string, turns: number, go: () => Promise<unknown>): Contender {
  return {
    name,
    async sample(ms) {
      const began = performance.now();
      let done = 0;
      while (performance.now() - began < ms) {
        await go();
        done += turns;
      }
      const rate = (done / (performance.now() - began)) * 1000;
      return { rate, p50: undefined, p99: undefined };
    },
  };
}

function comparison(measured: Rounds): string {
  const [inserts, bare] = [...measured.values()];
  return markdownTable(
    ["", "ms", "÷ bare SDK", "added ÷ bare INSERT"],
    [...measured].map(([name, samples]) => [
      name,
      number(median(samples.map(({ rate }) => 1000 / rate)), 2),
      samples === inserts ? "" : number(medianRatio(bare!, samples), 2),
      samples === inserts ? "" : number(median(inAdded(samples, bare!, inserts!)), 1),
    ]),
  );
}

type Samples = readonly Sample[];

/** What a turn takes more than one of the bare SDK in the same round, in inserts of that round. */
function inAdded(samples: Samples, bare: Samples, inserts: Samples): readonly number[] {
  return samples.map(
    ({ rate }, round) => (1 / rate - 1 / bare[round]!.rate) * inserts[round]!.rate,
  );
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Each runtime leaves the run where its last turn begins, and the next one executes it until there. */
function resumed(server: BenchServer, rounds: number): Promise<string> {
  return server.withDatabase(async (url) => {
    const durable = { runId: "left" };
    const untilLast = async (go: (agent: Agent) => unknown) => {
      const { agent, stays } = workingAgent(RUN_TURNS, RUN_TURNS);
      const began = performance.now();
      await go(agent);
      await stays;
      return performance.now() - began;
    };
    const execute = async () => {
      // That it is left is what is wanted here.
      const runtime = new Runtime({ database: url, logger: silentLogger });
      await runtime.runs.list();
      const ms = await untilLast((agent) =>
        runtime.start(agent, "Go.", { maxTurns: RUN_TURNS, durable }),
      );
      await runtime.close();
      return ms;
    };
    await execute();
    const resumes: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      resumes.push(await execute());
      bare.push(await untilLast((agent) => void run(agent, "Go.", { maxTurns: RUN_TURNS })));
    }
    const ratios = resumes.map((ms, round) => ms / bare[round]!);
    return markdownTable(
      ["turns", "over the journal ms", "bare SDK, as many turns ms", "÷ bare SDK"],
      [
        [
          number(RUN_TURNS, 0),
          number(median(resumes), 0),
          number(median(bare), 0),
          number(median(ratios), 2),
        ],
      ],
    );
  });
}
