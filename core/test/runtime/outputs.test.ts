// What runs return: read again exactly, and stored once where the runs of a thread have it in common.
import { expect, it } from "vitest";
import type { Adapter } from "../../src/adapter/index.ts";
import { Runtime } from "../../src/index.ts";
import { testDatabase } from "../support/test-database.ts";
import { processes } from "./processes.ts";

const { start } = processes();
const { open, pool } = testDatabase();

interface State {
  readonly name: string;
  readonly turns: readonly { readonly text: string; readonly at: Date }[];
  readonly topics: ReadonlyMap<string, readonly string[]>;
}

/** A framework whose every turn returns all of its state, as graphs do. */
const states: Adapter = {
  name: "states",
  supported: "*",
  recognises: (app) => app === remembers,
  nameOf: () => "remembers",
  install: () => {},
  threadOf: () => "one",
  async execute({ input, run }) {
    const kept = (await run.readSlot("turns"))?.items ?? [];
    const turns = [...kept, { text: input as string, at: new Date(kept.length) }];
    await run.writeSlot("turns", { items: turns });
    const topics = new Map([["all", turns.map((_, nth) => `topic ${nth}`)]]);
    return { is: "ended", output: { name: "a chat", turns, topics } };
  },
};

const remembers = (_: string): Promise<State> => Promise.reject(new Error("Not run as it is."));
const adapters = [states];
const TEXT = 1_000;

it("an output with lists in it is the same for whoever asks, in any process", async () => {
  const durable = (runId: string) => ({ durable: { runId } });
  let output: State | undefined;
  for (const turn of ["first", "second", "third"]) {
    output = await start({ adapters }).run(remembers, turn.repeat(100), durable(turn));
  }
  const other = start({ adapters });
  expect(output?.turns).toHaveLength(3);
  expect(await other.handle("third").result()).toEqual(output);
  expect(await other.run(remembers, "third".repeat(100), durable("third"))).toEqual(output);
  const told: unknown[] = [];
  for await (const { type, value } of other.handle("third").events()) {
    if (type === "run completed") told.push(value);
  }
  expect(told).toEqual([output]);
});

it("a chat whose every turn returns all of it stays linear in bytes", async () => {
  const store = await open();
  const runtime = new Runtime({ store, adapters });
  const sizes: number[] = [];
  for (let turn = 1; turn <= 80; turn += 1) {
    await runtime.run(remembers, `${turn} `.padEnd(TEXT, crypto.randomUUID()));
    if (turn % 20 === 0) sizes.push(await bytes());
  }
  const [first, second, , fourth] = sizes as [number, number, number, number];
  // Whole each time, it would be 4.
  expect((fourth - second) / (second - first)).toBeLessThan(2.6);
  expect(fourth / (80 * TEXT)).toBeLessThan(6);
  await runtime.close();
});

/** Of all rows, with their headers, without indexes. */
async function bytes(): Promise<number> {
  const sizes = ["steps", "items", "lists", "sessions"].map(
    (table) => `(select sum(pg_column_size(x.*) + 28) from holdfast.${table} x)`,
  );
  const { rows } = await pool.query(`select (${sizes.join(" + ")})::float8 as bytes`);
  return rows[0].bytes;
}
