// Scenarios beside each other in one process: those that ask nothing, those that people answer, and those
// that have to do with others.
import { MemorySaver } from "@langchain/langgraph";
import type { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { beside, type Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { agentOnOpenAI } from "./agent-on-openai.ts";
import { crashingWhenAsked } from "./asking-scenario.ts";
import { askingScenarios } from "./asking-scenarios.ts";
import { byCommand } from "./by-command.ts";
import { crashScenario } from "./crash-scenario.ts";
import { mirrored } from "./mirrored.ts";
import { streamedOneByOne } from "./one-by-one.ts";
import { scenarios } from "./scenarios/index.ts";
import { interruptInNode } from "./scenarios/interrupt-in-node.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { toldInPieces } from "./teller.ts";
import { twoTurns } from "./two-turns.ts";

export const together: readonly Scenario[] = scenarios.filter(
  ({ answers }) => answers === undefined,
);

export const allAtOnce: CrashScenario = beside(
  "all at once",
  together.map((scenario) => crashScenario(scenario)),
);

/** @param questions what `interrupt-in-node` asks */
export const allThatAsk = (questions: readonly string[] = []): CrashScenario =>
  beside("all that ask", [
    ...askingScenarios.map(crashingWhenAsked),
    crashScenario(interruptInNode, questions),
    byCommand,
  ]);

interface Outside {
  /** The one process's own, of tables that are there. */
  readonly saver: PostgresSaver;
  /** Of a server that answers as OpenAI does. */
  readonly baseURL: string;
}

/** What has to do with more than the runtime: threads, savers, clients, and who reads a stream. */
export const allWithOthers = ({ saver, baseURL }: Outside): CrashScenario =>
  beside("all with others", [
    streamedOneByOne,
    toldInPieces,
    agentOnOpenAI(baseURL),
    twoTurns(() => new MemorySaver()),
    mirrored(() => saver),
  ]);
