// The client of OpenAI against a server on the loopback: in every way a model is called, a crash right
// after the call makes it neither ask again nor tell anything else.
import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { type OpenAIServer, openAIServer } from "../../../conformance/src/http/index.ts";
import { agentOnOpenAI } from "./agent-on-openai.ts";
import { processes } from "./processes.ts";
import { calledInAllWays, plain, waysOfCalling } from "./ways-of-calling.ts";

const { twice, steps } = processes();
let server: OpenAIServer;
let asked: number;
beforeAll(async () => {
  server = await openAIServer();
});
afterAll(() => server.close());
beforeEach(() => {
  asked = server.requests.length;
});

const calls = (): ReturnType<typeof waysOfCalling> => {
  const configuration = { baseURL: (server as OpenAIServer | undefined)?.url };
  const model = new ChatOpenAI({
    model: "gpt-test",
    apiKey: "none",
    maxRetries: 0,
    configuration,
  });
  const limited = () =>
    model.invoke([new HumanMessage("slow")], { timeout: 150 }).catch((error: Error) => error.name);
  return { ...waysOfCalling(configuration), "a time limit": [1, limited] };
};

describe.each(Object.keys(calls()))("%s", (name) => {
  test("is asked once, and told again as it was", async () => {
    const [requests, call] = calls()[name]!;
    const bare = plain(await call());
    expect(server.requests.length - asked).toBe(requests);
    const [live, again] = await twice(call);
    expect(server.requests.length - asked).toBe(2 * requests);
    expect(plain(live)).toEqual(bare);
    expect(plain(again)).toEqual(bare);
    expect(await steps()).toHaveLength(requests);
  });
});

test("agents and apps on OpenAI's client are killed at every point, and nobody can tell", async () => {
  // The other ways, too, are killed by `kills.test.ts`.
  const [, streamedAndBound, , chained] = calledInAllWays(server.url);
  for (const scenario of [agentOnOpenAI(server.url), streamedAndBound!, chained!]) {
    const report = await everyPoint(scenario, { database: inMemory });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  }
});
