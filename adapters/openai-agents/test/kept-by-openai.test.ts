// Conversations that OpenAI keeps: a run tells it only what is new, and a crash does not make it say
// anything twice that was answered.
import { Agent, OpenAIResponsesModel, run, tool } from "@openai/agents";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { type OpenAIServer, openAIServer } from "../../../conformance/src/http/index.ts";
import { deadly } from "./deadly.ts";
import { processes } from "./processes.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next, die } = processes();
const durable = { runId: "r" };
let server: OpenAIServer;
/** What the server waits for before it answers. */
let before: () => Promise<void> = async () => {};
beforeAll(async () => {
  server = await openAIServer({
    async answer({ messages }) {
      await before();
      const isNew = messages.at(-1)!.role === "user";
      const results = messages.filter(({ role }) => role === "tool").length;
      return messages[0]!.content === "Hello." && isNew && messages.length === 1
        ? { text: "Hello to you." }
        : results < 2
          ? { calls: [{ name: "look", args: { q: `${results}` } }] }
          : { text: `heard ${messages.map(({ role }) => role).join(", ")}` };
    },
  });
});
afterAll(() => server.close());

function clerk(effect: Effect, needsApproval = false) {
  const client = new OpenAI({ apiKey: "none", baseURL: server.url, maxRetries: 0 });
  const look = tool({
    name: "look",
    description: "Looks up.",
    parameters: z.object({ q: z.string() }),
    needsApproval,
    async execute({ q }) {
      await effect(`tool: look ${q}`);
      return `saw ${q}`;
    },
  });
  const model = new OpenAIResponsesModel(client as never, "gpt-test");
  return new Agent({ name: "Clerk", model, tools: [look] });
}

const nothing = async () => {};

async function hello(): Promise<string> {
  return (await run(clerk(nothing), "Hello.")).lastResponseId!;
}

const HEARD = "heard user, assistant, user, tool, tool";

describe("a run that goes on from a response", () => {
  test.each([false, true])(
    "says each thing once, approvals and all, wherever it is killed (streamed: %s)",
    async (isStreamed) => {
      const previousResponseId = await hello();
      const report = await everyPoint(
        {
          name: "previous response",
          async run({ runtime, runId, effect }) {
            const options = { previousResponseId, durable: { runId, until: "end" as const } };
            const app = clerk(effect, true);
            if (!isStreamed) return (await runtime.run(app, "Go.", options)).finalOutput;
            const stream = runtime.stream(app, "Go.", options);
            await stream.completed;
            return stream.finalOutput;
          },
          async answer({ kind, seq, body }, { handle }) {
            if (kind !== "doubt") await handle.approve(seq);
            else await handle.settle((JSON.parse(body!) as { step: number }).step, "retry");
          },
        },
        { database: inMemory, atOnce: 24 },
      );
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
