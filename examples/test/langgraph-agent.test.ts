import { afterEach, expect, it } from "vitest";
import { type OpenAIServer, openAIServer } from "../../conformance/src/http/index.ts";
import { ended, MOST_SECONDS, toldStory } from "./told-story.ts";

let server: OpenAIServer | undefined;
afterEach(() => server?.close());

const MODEL = "model ScriptedModel";

it("langgraph-agent, killed inside a node, goes on inside that node and does everything once", async () => {
  const { title, before, after, takeoverSeconds, ledger } = await toldStory("langgraph-agent");
  expect(title).toMatch(/Its model is a script/);
  expect(ended(before)).toEqual([MODEL, "tool look_up_order", MODEL, "tool refund", MODEL]);
  expect(after).toMatch(/▶ tool write_to_customer, again/);
  expect(ended(after)).toEqual(["tool write_to_customer", MODEL]);
  expect(after).toMatch(/returned: I refunded A-1042 and told the customer so\./);
  expect(takeoverSeconds).toBeLessThan(MOST_SECONDS);

  const first = ledger[0]!.worker;
  expect(ledger.map(({ what, worker }) => [what, worker === first])).toEqual([
    ["opened a case", true],
    ["asked the model", true],
    ["found A-1042", true],
    ["asked the model", true],
    ["refunded 42 €", true],
    ["asked the model", true],
    ["wrote to the customer", false],
    ["asked the model", false],
  ]);
});

it("langgraph-agent asks the real model, if there is a key for it, and each time once", async () => {
  const script = [
    { calls: [{ name: "look_up_order", args: { order: "A-1042" } }] },
    { calls: [{ name: "refund", args: { order: "A-1042", amount: 42 } }] },
    { calls: [{ name: "write_to_customer", args: { text: "Done." } }] },
  ];
  server = await openAIServer({
    answer: ({ messages }) =>
      script[messages.filter(({ role }) => role === "tool").length] ?? { text: "Refunded." },
  });
  const { title, before, after, ledger } = await toldStory("langgraph-agent", {
    OPENAI_API_KEY: "none",
    OPENAI_BASE_URL: server.url,
    OPENAI_MODEL: "gpt-test",
  });
  expect(title).toMatch(/Its model is gpt-test of OpenAI/);
  expect(ended(before)).toHaveLength(5);
  expect(ended(after)).toEqual(["tool write_to_customer", "model gpt-test"]);
  expect(after).toMatch(/returned: Refunded\./);
  expect(server.requests).toHaveLength(4);
  expect(ledger.map(({ what }) => what)).toEqual([
    "opened a case",
    "found A-1042",
    "refunded 42 €",
    "wrote to the customer",
  ]);
});
