// What a long conversation costs in a session that is kept here: its last turns as much as its first.
import { Runtime } from "@holdfast/core";
import { newId } from "@holdfast/core/store";
import { Agent } from "@openai/agents";
import { expect, test } from "vitest";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";

const { open, pool } = testDatabase();
const TURNS = 240;
const TEXT = 1_000;

const agent = (): Agent =>
  new Agent({
    name: "Clerk",
    model: new FakeModel(
      async () => {},
      "clerk",
      () => text("answer"),
    ),
  });

/** No two texts have anything in common. */
function text(start: string): string {
  let long = start;
  while (long.length < TEXT) long += ` ${newId()}`;
  return long.slice(0, TEXT);
}

test("a long chat stays linear in bytes, turn after turn", async () => {
  const sizes = new Map<number, number>();
  let runtime = new Runtime({ store: await open(), hotPeriod: 0 });
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const { history } = await runtime.run(agent(), text(`question ${turn}`), { session: "ana" });
    expect(history).toHaveLength(2 * turn);
    if (turn % (TURNS / 4) !== 0) continue;
    sizes.set(turn, await bytes());
    await runtime.close();
    // As if it were another process, which knows nothing of the turns before.
    runtime = new Runtime({ store: await open(), hotPeriod: 0 });
  }
  await runtime.close();
  const [first, second, , fourth] = [...sizes.values()] as [number, number, number, number];
  const third = sizes.get((TURNS / 4) * 3)!;
  expect((fourth - third) / (second - first)).toBeLessThan(1.05);
  // As the run's input, the session's items, what the model came to, and the run's output.
  expect(fourth).toBeLessThan(4.5 * TURNS * 2 * TEXT);
}, 300_000);

/** Of all rows, with their headers, without indexes. */
async function bytes(): Promise<number> {
  const tables = ["runs", "steps", "items", "lists", "sessions"];
  const sizes = tables.map(
    (table) => `(select coalesce(sum(pg_column_size(x.*) + 28), 0) from holdfast.${table} x)`,
  );
  const { rows } = await pool.query(`select (${sizes.join(" + ")})::float8 as bytes`);
  return rows[0].bytes;
}
