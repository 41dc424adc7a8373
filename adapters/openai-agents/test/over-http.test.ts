// OpenAI's real clients over HTTP, refused and asking again: a crash anywhere makes them ask for nothing
// that was answered.
import { run } from "@openai/agents";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { type OpenAIServer, openAIServer } from "../../../conformance/src/http/index.ts";
import { answerOf, clerk, facts, overHttp, WAYS } from "./over-http.ts";
import { replayed } from "./replayed.ts";
import "../src/index.ts";

let server: OpenAIServer;
beforeAll(async () => {
  server = await openAIServer({ answer: answerOf });
});
afterAll(() => server.close());

describe.each(WAYS)("$api, streamed: $isStreamed, asked again by $again", (way) => {
  const scenario = () => overHttp(way, server.url);

  test("answers what it answers with the SDK alone, with the same requests", async () => {
    const effects: string[] = [];
    const app = clerk(way, {
      url: server.url,
      effect: async (name) => void effects.push(name),
      happened: (name) => effects.includes(name),
    });
    const options = { context: { notes: {} } };
    const bare = way.isStreamed
      ? await run(app, "Go.", { ...options, stream: true })
      : await run(app, "Go.", options);
    if ("completed" in bare) await bare.completed;
    const before = server.requests.length;
    const { ending, outside } = await survive(replayed(scenario()), { database: inMemory() });
    expect(ending).toEqual({ is: "returned", output: facts(bare) });
    expect([...outside.counts.keys()]).toEqual(effects);
    expect(server.requests.length - before).toBe(4);
  });

  test("is killed at every write and every effect, and nobody can tell", async () => {
    const report = await everyPoint(scenario(), { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});
