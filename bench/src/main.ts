/** Measures Holdfast's store beside plain Postgres on the same server, and prints markdown. */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { openBenchServer } from "./bench-server.ts";
import { adk } from "./suites/adk.ts";
import { append } from "./suites/append.ts";
import { bytes } from "./suites/bytes.ts";
import { claims } from "./suites/claims.ts";
import { idle } from "./suites/idle.ts";
import { langgraph } from "./suites/langgraph.ts";
import { openaiAgents } from "./suites/openai-agents.ts";
import { rebuild } from "./suites/rebuild.ts";
import { steps } from "./suites/steps.ts";
import type { Suite } from "./suites/suite.ts";
import { takeover } from "./suites/takeover.ts";

const HELP = `Usage: npm run bench -- [SUITE] [options] [options]

  append    durable entries a second and their latency, beside a bare INSERT and pgbench
  steps     what step() costs in a run, and what a replay costs
  bytes     what conversations take in the database, beside what was said in them
  rebuild   reading back what the last model call of a run was given
  claims    how fast runs that are ready find a worker, and how soon their first step begins
  takeover  from the death of a worker to the first new step of its runs on another
  idle      what workers cost that have nothing to do: the server and the machine
  openai-agents
            an agent of OpenAI's SDK beside the SDK alone: time, taking up, bytes
  langgraph what a LangGraph app costs durably, beside LangGraph alone and with its own saver
  adk       what an agent of ADK costs durably, beside ADK alone; what its sessions take
  all       all of them (default)

  --database URL  a server where databases may be created (default: HOLDFAST_DATABASE_URL,
                  else an embedded PostgreSQL of the bench's own)
  --rounds N      rounds of append, steps and openai-agents, kills of takeover (default: 5)
  --hosts         takeover: each worker on a host of its own (network and process namespaces;
                  Linux, as root), of which some are then cut off
  --help

Tables go to stdout, progress to stderr.
`;

const SUITES: Readonly<Record<string, Suite>> = {
  append,
  steps,
  bytes,
  rebuild,
  claims,
  takeover,
  idle,
  langgraph,
  adk,
  "openai-agents": openaiAgents,
};

interface Arguments {
  readonly suites: readonly Suite[];
  readonly database: string | undefined;
  readonly rounds: number;
  readonly hosts: boolean;
}

/** Undefined when help was asked for. Throws on anything it does not know. */
function readArguments(): Arguments | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      database: { type: "string" },
      rounds: { type: "string", default: "5" },
      hosts: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const [which = "all", ...rest] = positionals;
  const suite = SUITES[which];
  if (rest.length > 0 || (suite === undefined && which !== "all")) {
    throw new Error(`Unknown: ${positionals.join(" ")}`);
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds ${values.rounds}: expected a whole number from 1`);
  }
  return {
    suites: suite === undefined ? Object.values(SUITES) : [suite],
    database: values.database ?? process.env.HOLDFAST_DATABASE_URL,
    rounds,
    hosts: values.hosts,
  };
}

async function measure({ suites, database, ...options }: Arguments): Promise<void> {
  const server = await openBenchServer(database);
  try {
    const machine = `${cpus().length} cores, Node ${process.versions.node}, ${server.description}`;
    console.log(`${new Date().toISOString().slice(0, 10)}, ${machine}`);
    for (const suite of suites) {
      const report = await suite(server, {
        ...options,
        progress: (text) => console.error(text),
      });
      console.log(`\n${report}`);
    }
  } finally {
    await server.close();
  }
}

try {
  const given = readArguments();
  if (given === undefined) console.log(HELP);
  else await measure(given);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
