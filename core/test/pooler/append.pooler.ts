import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import type { JournalWriter, Store } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";
import { pgbouncer } from "./support/pgbouncer.ts";

const pooler = pgbouncer({ mode: "transaction", connections: 2 });
const database = testDatabase();
let witness: Store;
beforeAll(async () => {
  witness = await database.open();
});

const inputOf = (count: number) => [`"item ${count % 5}"`, `"item ${count}"`];

/** Entries with input, and now and then a wait and a state: whole transactions in one round trip. */
async function appendWhile(writer: JournalWriter, going: () => boolean): Promise<number> {
  let count = 0;
  while (going() || count < 20) {
    count += 1;
    const { seq, durable } = writer.append({ entry: "started", input: inputOf(count) });
    const sent = [durable];
    if (count % 7 === 0) {
      sent.push(writer.openWait({ seq, kind: "approval", name: "pay", fingerprint: "f" }));
      sent.push(writer.putState({ status: "running", why: `"${count}"` }));
    }
    await Promise.all(sent);
  }
  return count;
}

async function expectWhole(runId: string, count: number): Promise<void> {
  const entries = await collect(witness.journal(runId));
  expect(entries.map(({ seq }) => seq)).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
  for (const { seq, input } of entries.slice(-20)) {
    expect(await witness.list(runId, input!)).toEqual(inputOf(seq));
  }
  const waits = await witness.waits(runId);
  expect(waits).toHaveLength(Math.floor(count / 7));
}

async function appendThroughPooler(disturb: () => Promise<void>): Promise<void> {
  const stores = await Promise.all(
    [1, 2, 3].map(() => database.open({ database: pooler.through(database.url) })),
  );
  const runs = await Promise.all([...stores, ...stores].map((store) => newRun(store)));
  const writers = await Promise.all(
    runs.map(({ runId }, index) => stores[index % stores.length]!.takeOver(runId)),
  );
  let isOver = false;
  const appending = writers.map((writer) => appendWhile(writer, () => !isOver));
  await disturb();
  isOver = true;
  const counts = await Promise.all(appending);
  for (const [index, { runId }] of runs.entries()) await expectWhole(runId, counts[index]!);
}

it("several processes append through two connections of a pooler: nothing lost, no hole", async () => {
  await appendThroughPooler(() => sleep(1000));
});

it("several processes append while the pooler is restarted again and again: nothing lost, no hole", async () => {
  await appendThroughPooler(async () => {
    for (let restart = 0; restart < 6; restart += 1) {
      await sleep(150);
      await pooler.restart();
    }
  });
});
