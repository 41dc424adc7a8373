// Conversations that OpenAI keeps: a run tells it only what is new, and a crash does not make it say
// anything twice that was answered.
import { run } from "@openai/agents";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Scenario as CrashScenario,
  everyPoint,
  inMemory,
} from "../../../conformance/src/crash/index.ts";
import { type OpenAIServer, openAIServer } from "../../../conformance/src/http/index.ts";
import { conversation, nameOf } from "./conversation.ts";
import { deadly } from "./deadly.ts";
import { answerOf, clerkOf, HEARD, hello, previousResponse } from "./kept-by-openai.ts";
import { processes } from "./processes.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next, die } = processes();
const durable = { runId: "r" };
let server: OpenAIServer;
/** What the server waits for before it answers. */
let before: () => Promise<void> = async () => {};
beforeAll(async () => {
  server = await openAIServer({
    async answer(request) {
      await before();
      return answerOf(request);
    },
  });
});
afterAll(() => server.close());

const clerk = (effect: Effect, needsApproval = false) =>
  clerkOf({ url: server.url, effect, needsApproval });
const nothing = async () => {};

describe("a run that goes on from a response", () => {
  test.each([false, true])(
    "says each thing once, approvals and all, wherever it is killed (streamed: %s)",
    async (isStreamed) => {
      const { url } = server;
      const previousResponseId = await hello(url);
      const scenario = previousResponse({ url, previousResponseId, isStreamed });
      const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
      expect(report.failures).toEqual([]);
      expect(report.deaths).toBe(report.schedules);
      const { finalOutput, lastResponseId } = await next().run(clerk(nothing), "Go.", {
        previousResponseId,
      });
      expect(finalOutput).toBe(HEARD);
      expect(server.kept(lastResponseId!)).toHaveLength(8);
    },
  );
});

describe("a run in a conversation", () => {
  const start = async (conversationId: string) => {
    await run(clerk(nothing), "Hello.", { conversationId });
    return { conversationId, durable };
  };

  test.each([false, true])(
    "says each thing once, wherever it is killed, if people look whether it was answered (streamed: %s)",
    async (isStreamed) => {
      const { url } = server;
      const scenario = conversation({ url, isStreamed, kept: server.kept });
      const names = new Set<string>();
      const noting: CrashScenario = {
        ...scenario,
        async run(process) {
          names.add(nameOf(process.runId));
          return scenario.run(process);
        },
      };
      const report = await everyPoint(noting, { database: inMemory, atOnce: 24 });
      expect(report.failures).toEqual([]);
      expect(report.deaths).toBe(report.schedules);
      await run(clerk(nothing), "Go.", { conversationId: `alone ${isStreamed}` });
      expect(names.size).toBe(report.schedules + 1);
      for (const name of names)
        expect(server.kept(name)).toEqual(server.kept(`alone ${isStreamed}`));
    },
  );

  test("says each thing once if it is killed between its calls of the model", async () => {
    await run(clerk(nothing), "Go.", await start("bare"));
    const options = await start("durable");
    const { body, reached } = deadly();
    void next()
      .run(clerk(body), "Go.", options)
      .catch(() => {});
    await reached;
    die();
    expect((await next().run(clerk(nothing), "Go.", options)).finalOutput).toBe(HEARD);
    expect(server.kept("durable")).toEqual(server.kept("bare"));
    const count = server.requests.length;
    expect((await next().run(clerk(nothing), "Go.", options)).finalOutput).toBe(HEARD);
    expect(server.requests).toHaveLength(count);
  });

  test("does not ask again unasked what it may have asked, if the policy of its model is `once`", async () => {
    const options = await start("doubtful");
    const policies = { models: { OpenAIResponsesModel: { inDoubt: "once" as const } } };
    const { body, reached } = deadly();
    before = body;
    void next(policies)
      .run(clerk(nothing), "Go.", options)
      .catch(() => {});
    await reached;
    before = nothing;
    die();
    const again = next(policies).run(clerk(nothing), "Go.", options);
    const handle = next().handle("r");
    await expect
      .poll(async () => (await handle.waits()).map(({ kind }) => kind))
      .toEqual(["doubt"]);
    const [step] = await handle.steps();
    await handle.settle(step!.id, "retry");
    expect((await again).finalOutput).toBe(HEARD);
  });

  test("is the only one in it until it is over", async () => {
    const options = await start("busy");
    await next().run(clerk(nothing, true), "Go.", options);
    const other = next().run(clerk(nothing), "Go.", { conversationId: "busy" });
    await expect(other).rejects.toMatchObject({ code: "THREAD_BUSY" });
  });
});
