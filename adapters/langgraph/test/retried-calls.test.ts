// Calls that fail and are made again, by LangChain's own means: a crash right after them makes none of
// them happen again, and what is decided by how they failed is decided as before.
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  type AgentMiddleware,
  createAgent,
  modelFallbackMiddleware,
  modelRetryMiddleware,
  toolRetryMiddleware,
} from "langchain";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import { rounds } from "./scenarios/rounds.ts";

const { twice, steps } = processes();
let effects: string[];
beforeEach(() => {
  effects = [];
});
const effect = async (name: string) => void effects.push(name);

class Overloaded extends Error {
  override readonly name = "Overloaded";
  readonly status = 529;
}

/** Fails after its effect; the effects are told apart by how many there were. */
const failing = async (what: string): Promise<never> => {
  effects.push(`${what} fails`);
  throw new Overloaded("too many");
};

const broken = () =>
  new FakeModel(
    () => failing("model"),
    () => "never",
  );
const flaky = () =>
  tool(async ({ q }) => failing(`tool ${q}`), {
    name: "flaky",
    description: "Fails.",
    schema: z.object({ q: z.string() }),
  });
const AT_ONCE = { initialDelayMs: 1, jitter: false };

test("withRetry and withFallbacks: of models and of tools", async () => {
  const other = new FakeModel(effect, () => "instead");
  const asked = () =>
    broken().withRetry({ stopAfterAttempt: 2 }).withFallbacks([other]).invoke("hi");
  const used = () =>
    flaky()
      .withRetry({ stopAfterAttempt: 2, onFailedAttempt: giveUpUnlessOverloaded })
      .invoke({ q: "a" })
      .catch(({ name, message, status }: Overloaded) => [name, message, status]);
  const [live, again] = await twice(async () => {
    const [{ text }, failed] = await Promise.all([asked(), used()]);
    return [text, failed];
  });
  expect(live).toEqual(["instead", ["Overloaded", "too many", 529]]);
  expect(again).toEqual(live);
  expect(effects.toSorted()).toEqual(
    [
      'model: human "hi" (1)',
      "model fails",
      "model fails",
      "tool a fails",
      "tool a fails",
    ].toSorted(),
  );
  expect(await steps()).toHaveLength(effects.length);
});

/** As people decide that it is of no use to try again. */
function giveUpUnlessOverloaded(error: Partial<Overloaded>): void {
  if (error.name !== "Overloaded" || error.status !== 529) throw error;
}

test("the retries and fallbacks of middleware", async () => {
  const retried = (error: Error) => error.name === "Overloaded";
  const [live, again] = await twice(async () => {
    const agent = createAgent({
      model: broken(),
      tools: [fakeTool(effect, "look"), flaky()],
      middleware: [
        modelFallbackMiddleware(new FakeModel(effect, rounds(["look", "flaky"]))),
        modelRetryMiddleware({ maxRetries: 1, onFailure: "error", retryOn: retried, ...AT_ONCE }),
        toolRetryMiddleware({ maxRetries: 2, onFailure: "continue", retryOn: retried, ...AT_ONCE }),
        // Their types do not hold with `exactOptionalPropertyTypes`.
      ] as unknown as readonly AgentMiddleware[],
    });
    return plain(await agent.invoke({ messages: [new HumanMessage("go")] }));
  });
  expect(again).toEqual(live);
  expect(effects.filter((name) => name === "model fails")).toHaveLength(4);
  expect(effects.filter((name) => name === "tool flaky1 fails")).toHaveLength(3);
  expect(effects).toHaveLength(4 + 3 + 3);
  expect(await steps()).toHaveLength(effects.length);
});
