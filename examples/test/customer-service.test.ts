import { expect, it } from "vitest";
import { toldStory } from "./told-story.ts";

it("customer-service is killed at each stage, waits for two decisions, and does everything once", async () => {
  const { title, all, ledger } = await toldStory("customer-service");
  expect(title).toContain("Its model is a script");
  expect(all.match(/✗ kill -9, .*/g)).toEqual([
    "✗ kill -9, inside a model call",
    "✗ kill -9, inside a tool",
    "✗ kill -9, after a handoff",
    "✗ kill -9, while it waits for a person",
    "✗ kill -9, inside the approved tool",
  ]);
  for (const stage of all.split("✗ kill -9").slice(1)) expect(stage).toContain("goes on");
  expect(all.match(/☑.*/g)).toEqual([
    '☑ Ana approves refund {"booking":"QX7F2A","euros":240}',
    "☑ Ana finds that refund is paid, and says so",
  ]);
  expect(all).not.toContain("▶ refund, again");
  expect(all).toContain("seat 4A is yours");

  expect(ledger.map(({ what }) => what)).toEqual([
    "asked the model",
    "found QX7F2A",
    "asked the model",
    "asked the model",
    "refunded 240 €",
    "asked the model",
    "asked the model",
    "booked seat 4A",
    "asked the model",
  ]);
  expect(new Set(ledger.map(({ worker }) => worker)).size).toBeGreaterThanOrEqual(4);
});
