import { expect, it } from "vitest";
import { ended, MOST_SECONDS, toldStory } from "./told-story.ts";

it("killed-half-way is finished by another living worker, does everything once, and ends by itself", async () => {
  const { before, after, takeoverSeconds, ledger } = await toldStory("killed-half-way");
  expect(ended(before)).toEqual(["ask the model", "look up the order", "refund"]);
  expect(after).toMatch(/▶ write to the customer, again/);
  expect(ended(after)).toEqual(["write to the customer", "ask the model again"]);
  expect(takeoverSeconds).toBeLessThan(MOST_SECONDS);

  expect(ledger.map(({ what }) => what)).toEqual([
    "asked the model",
    "found A-1042",
    "refunded 42 €",
    "wrote to the customer",
    "asked the model",
  ]);
  const [first, , , second] = ledger.map(({ worker }) => worker);
  expect(second).not.toBe(first);
  expect(ledger.map(({ worker }) => worker)).toEqual([first, first, first, second, second]);
});
