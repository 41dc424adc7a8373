// Scenarios beside each other in one process: those that ask nothing, those that people answer, those that
// have to do with others, and those that call a model's client.
import { MemorySaver } from "@langchain/langgraph";
import type { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { beside, type Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { agentOnOpenAI } from "./agent-on-openai.ts";
import { crashingWhenAsked } from "./asking-scenario.ts";
import { askingScenarios } from "./asking-scenarios.ts";
import { byCommand } from "./by-command.ts";
import { ofCopies } from "./copied-program.ts";
import { crashScenario } from "./crash-scenario.ts";
import { diaryInTwoTurns } from "./diary.ts";
import { givenUp, triedAgain } from "./given-up.ts";
import { inTurns } from "./in-turns.ts";
import { mirrored } from "./mirrored.ts";
import { endsOneByOne, streamedOneByOne } from "./one-by-one.ts";
import { othersOnThread } from "./others-on-thread.ts";
import { keepingTheirState } from "./remembering.ts";
import { scenarios } from "./scenarios/index.ts";
import { interruptInNode } from "./scenarios/interrupt-in-node.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { slowInTurn } from "./slow-in-turn.ts";
import { toldInPieces } from "./teller.ts";
import { timedOutNode } from "./timed-out.ts";
import { twoTurns } from "./two-turns.ts";
import { unseen } from "./unseen.ts";
import { updated } from "./updated.ts";
import { calledInAllWays } from "./ways-of-calling.ts";

export const together: readonly Scenario[] = scenarios.filter(
  ({ answers }) => answers === undefined,
);

/** First those that are given up and tried again, then those of `together`. */
export const allAtOnce: CrashScenario = beside("all at once", [
  ...givenUp.map(triedAgain),
  ...together.map((scenario) => slowInTurn(crashScenario(scenario))),
  ...keepingTheirState,
  // Of a database that is slow it is to be the first try, and that only, that takes too long.
  timedOutNode(2_000),
]);

/** @param questions what `interrupt-in-node` asks */
export const allThatAsk = (questions: readonly string[] = []): CrashScenario =>
  beside("all that ask", [
    ...askingScenarios.map(crashingWhenAsked),
    crashScenario(interruptInNode, questions),
    ...askingScenarios.map((scenario, nth) => inTurns(scenario, nth % 2 === 0 ? "one" : "all")),
    byCommand,
    diaryInTwoTurns,
    updated,
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
    ...endsOneByOne,
    toldInPieces,
    agentOnOpenAI(baseURL),
    twoTurns(() => new MemorySaver()),
    { ...twoTurns(() => undefined), name: "two turns that nobody remembers" },
    mirrored(() => saver),
    othersOnThread(() => saver),
  ]);

export const allThatCall = (baseURL: string): CrashScenario =>
  beside("all that call", calledInAllWays(baseURL));

/** @param programs with copies of the packages of their own */
export const allUnusual = (programs: Parameters<typeof ofCopies>[0]): CrashScenario =>
  beside("all unusual", [...ofCopies(programs), unseen]);
