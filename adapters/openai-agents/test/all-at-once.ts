// All scenarios that are killed everywhere, beside each other in one process.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beside, type Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { crashScenario, inPlainCode } from "./crash-scenario.ts";
import { previousResponse } from "./kept-by-openai.ts";
import { byCode, byTheAgent } from "./scenarios/index.ts";
import { approvedTurn, type Store, StoredSession, twoTurns } from "./session-scenarios.ts";

/** What outlives the processes, besides the database. */
export interface Lasting {
  /** Where the user's own sessions are kept. */
  readonly directory: string;
  /** A server like OpenAI's, and a response of it. */
  readonly url: string;
  readonly previousResponseId: string;
}

export const LASTING = "HOLDFAST_TEST_LASTING";

export function allAtOnce({ directory, ...openai }: Lasting): CrashScenario {
  const own = (runId: string) => new StoredSession(storeIn(join(directory, runId)));
  return beside("all at once", [
    ...byTheAgent.map(crashScenario),
    ...byCode.map(inPlainCode),
    twoTurns((runId) => `two turns of ${runId}`),
    approvedTurn((runId) => `a turn of ${runId}`),
    { ...twoTurns(own), name: "session of the user's own" },
    { ...approvedTurn(own), name: "session of the user's own with an approval" },
    previousResponse({ ...openai, isStreamed: false }),
    previousResponse({ ...openai, isStreamed: true }),
  ]);
}

/** The items as a file: all the processes know of each other's. */
function storeIn(file: string): Store {
  return {
    get items() {
      return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown[]) : [];
    },
    set items(items) {
      writeFileSync(file, JSON.stringify(items));
    },
  };
}
