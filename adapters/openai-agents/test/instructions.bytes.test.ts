// What a run costs whose instructions are other ones each turn: no more than one whose stay.
import { Runtime } from "@holdfast/core";
import { Agent } from "@openai/agents";
import { expect, test } from "vitest";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";

const { open, pool } = testDatabase();
const TURNS = 60;

test("instructions that change with every turn do not have the whole input stored again", async () => {
  const quiet = async () => {};
  let nth = 0;
  const agent = new Agent<{ readonly notes: Record<string, string> }>({
    name: "Clerk",
    instructions: () => `It is ${++nth} o'clock.`,
    model: new FakeModel(quiet, "clerk", (request) => {
      const { size } = results(request);
      return size + 1 === TURNS ? "done" : [{ name: "look", args: { q: "x" }, id: `c${size}` }];
    }),
    tools: [fakeTool(quiet, "look")],
  });
  const runtime = new Runtime({ store: await open(), hotPeriod: 0 });
  await runtime.run(agent, "Go.", { context: { notes: {} }, maxTurns: TURNS });
  await runtime.close();
  expect(nth).toBe(TURNS);
  const { rows } = await pool.query(
    "select sum(length(delta) / 32)::int as told from holdfast.lists",
  );
  // Each turn adds a call and its result; the instructions come to it. All of it is told twice at most.
  expect(rows[0].told).toBeLessThan(2 * 3 * TURNS + 10);
});
