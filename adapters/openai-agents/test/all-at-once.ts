// All scenarios that are killed everywhere, beside each other in one process.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beside, type Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import type { OpenAIServer } from "../../../conformance/src/http/index.ts";
import { aborted, losses, otherPrompts } from "./changed.ts";
import { conversation } from "./conversation.ts";
import { crashScenario, inPlainCode } from "./crash-scenario.ts";
import { previousResponse } from "./kept-by-openai.ts";
import { asksServer, overHttp as mcpOverHttp, overPipes } from "./mcp-scenarios.ts";
import { overHttp, WAYS } from "./over-http.ts";
import { byCode, byTheAgent } from "./scenarios/index.ts";
import { approvedTurn, type Store, StoredSession, twoTurns } from "./session-scenarios.ts";

/** What outlives the processes, besides the database. */
export interface Lasting {
  /** Where the user's own sessions are kept. */
  readonly directory: string;
  /** A server like OpenAI's, and a response of it. */
  readonly url: string;
  readonly previousResponseId: string;
  /** One of its own for conversations, as responses are named by their length only; one that refuses; */
  readonly conversing: string;
  readonly refusing: string;
  /** and a server of MCP. */
  readonly mcp: string;
}

export const LASTING = "HOLDFAST_TEST_LASTING";

/** @param kept of the conversations at the server, for people */
export function allAtOnce(
  { directory, conversing, refusing, mcp, ...openai }: Lasting,
  kept: OpenAIServer["kept"] = () => [],
): CrashScenario {
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
    conversation({ url: conversing, isStreamed: false, kept }),
    conversation({ url: conversing, isStreamed: true, kept }),
    ...WAYS.map((way) => overHttp(way, refusing)),
    asksServer("mcp over pipes", overPipes),
    asksServer("mcp over http", () => mcpOverHttp(mcp)),
    otherPrompts,
    ...losses,
    aborted,
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
