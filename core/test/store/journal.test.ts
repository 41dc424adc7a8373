import { beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
let store: Store;
beforeAll(async () => {
  store = await database.open();
});

describe("a journal", () => {
  it("stores large and shared values once, and gives them back whole", async () => {
    const { runId, spaceId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const large = JSON.stringify("x".repeat(100_000));
    const shared = JSON.stringify("said twice");
    for (let index = 0; index < 5; index += 1) {
      writer.append({ entry: "finished", value: { text: large } });
      writer.append({ entry: "finished", value: { text: shared, shared: true } });
    }
    await writer.append({ entry: "started", input: [shared, large] }).durable;

    const entries = await collect(store.journal(runId));
    expect(entries.filter(({ value }) => value === large)).toHaveLength(5);
    expect(entries.filter(({ value }) => value === shared)).toHaveLength(5);
    expect(await store.list(spaceId, entries.at(-1)!.input!)).toEqual([shared, large]);
    const { rows } = await database.pool.query(
      "select body from holdfast.items where space_id = $1",
      [spaceId],
    );
    expect(rows.map(({ body }) => body).sort()).toEqual([large, shared].sort());
  });
});

describe("a session slot", () => {
  it("holds what was put last, and shares its items with the journal", async () => {
    const { runId, spaceId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const items = Array.from({ length: 30 }, (_, index) => JSON.stringify(`message ${index}`));
    expect(await store.session(spaceId, "thread")).toBeUndefined();
    writer.append({ entry: "started", input: items });
    writer.putSession("thread", { items: items.slice(0, 10) });
    await writer.putSession("thread", { items, value: { text: '{"step":2}' } });

    expect(await store.session(spaceId, "thread")).toMatchObject({
      items,
      value: '{"step":2}',
      runId,
    });
    const { rows } = await database.pool.query(
      "select count(*)::int as n from holdfast.items where space_id = $1",
      [spaceId],
    );
    expect(rows[0].n).toBe(30);
  });

  it("that has patience shares the commit of what is written behind it, and is durable without", async () => {
    const { runId, spaceId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const patient = writer.putSession("task", { value: { text: "1" }, patienceMs: 5_000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await store.session(spaceId, "task")).toBeUndefined();
    await Promise.all([patient, writer.putSession("checkpoint", { value: { text: "2" } })]);
    const { rows } = await database.pool.query(
      "select distinct xmin::text from holdfast.sessions where space_id = $1",
      [spaceId],
    );
    expect(rows).toHaveLength(1);

    await writer.putSession("task", { value: { text: "3" }, patienceMs: 10 });
    expect(await store.session(spaceId, "task")).toMatchObject({ value: "3" });
  });

  it("that has patience is durable when its store is closed", async () => {
    const { runId, spaceId } = await newRun(store);
    const other = await database.open();
    const writer = await other.takeOver(runId);
    const patient = writer.putSession("task", { value: { text: "1" }, patienceMs: 60_000 });
    await other.close();
    await patient;
    expect(await store.session(spaceId, "task")).toMatchObject({ value: "1" });
  });
});
