import { beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/index.ts";
import { newId } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
let store: Store;
beforeAll(async () => {
  store = await database.open();
});

describe("a journal", () => {
  it("gives back what was written, in order and numbered from 1", async () => {
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    writer.append({
      entry: "started",
      kind: "tool",
      name: "search",
      scope: "/a",
      value: { text: '{"q":1}' },
    });
    await writer.append({ entry: "finished", step: 1, value: { text: '"found"' } }).durable;

    const entries = await collect(store.journal(runId));
    expect(entries).toEqual([
      expect.objectContaining({
        seq: 1,
        epoch: 1,
        entry: "started",
        kind: "tool",
        name: "search",
        scope: "/a",
        value: '{"q":1}',
      }),
      expect.objectContaining({
        seq: 2,
        epoch: 1,
        entry: "finished",
        step: 1,
        kind: undefined,
        value: '"found"',
      }),
    ]);
    expect(entries[0]!.at).toBeInstanceOf(Date);
  });

  it("is durable entry by entry: an earlier entry never commits after a later one", async () => {
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 1_500 }, () => {
        const { seq, durable } = writer.append({ entry: "started" });
        return durable.then(() => order.push(seq));
      }),
    );
    expect(order).toEqual(Array.from({ length: 1_500 }, (_, index) => index + 1));
    expect(await collect(store.journal(runId))).toHaveLength(1_500);
  });

  it("can be read from an entry on", async () => {
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    for (let index = 0; index < 450; index += 1) writer.append({ entry: "started" });
    await writer.append({ entry: "finished", step: 450 }).durable;
    const rest = await collect(store.journal(runId, { after: 449 }));
    expect(rest.map(({ seq }) => seq)).toEqual([450, 451]);
  });

  it("that said many large things is read page by page, whole and in order", async () => {
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    for (let index = 0; index < 12; index += 1) {
      const text = JSON.stringify(String(index).repeat(3 * 1024 * 1024));
      writer.append({ entry: "finished", value: { text } });
      writer.append({ entry: "started" });
    }
    await writer.append({ entry: "finished", value: { text: '"end"' } }).durable;
    const entries = await collect(store.journal(runId));
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    expect(entries).toHaveLength(25);
    expect(entries.at(-1)!.value).toBe('"end"');
    expect(entries[22]!.value).toHaveLength(2 + 2 * 3 * 1024 * 1024);
  });

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

  it("takes a body of 50 MB", async () => {
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const text = JSON.stringify("y".repeat(50 * 1024 * 1024));
    await writer.append({ entry: "finished", value: { text } }).durable;
    const [entry] = await collect(store.journal(runId));
    expect(entry!.value === text).toBe(true);
  });

  it("keeps escaped NUL characters and lone surrogates, which jsonb would refuse", async () => {
    const { runId, spaceId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const text = JSON.stringify("nul \u0000 lone \ud800 pair \u{1f9ff}");
    await writer.append({ entry: "finished", value: { text }, input: [text] }).durable;
    const [entry] = await collect(store.journal(runId));
    expect(entry!.value).toBe(text);
    expect(await store.list(spaceId, entry!.input!)).toEqual([text]);
  });

  it.each([
    ["name", { entry: "started", name: "bad\0name" }],
    ["scope", { entry: "started", scope: "\udc00" }],
    ["kind", { entry: "started", kind: "\0" }],
  ] as const)(
    "refuses a %s that Postgres cannot hold, by name, and goes on",
    async (field, entry) => {
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      expect(() => writer.append(entry)).toThrow(
        expect.objectContaining({ code: "STORE_REFUSED_ROW", details: { runId, field } }),
      );
      expect(await writer.append({ entry: "started" }).durable).toBeUndefined();
      expect((await collect(store.journal(runId))).map(({ seq }) => seq)).toEqual([1]);
    },
  );

  it("of a run that is not there is an error that names it", async () => {
    const runId = newId();
    const missing = expect.objectContaining({ code: "RUN_NOT_FOUND", details: { runId } });
    await expect(store.takeOver(runId)).rejects.toEqual(missing);
    await expect(collect(store.journal(runId))).rejects.toEqual(missing);
    expect(await store.run(runId)).toBeUndefined();
  });
});

describe("creating a run", () => {
  it("happens once, however many processes try", async () => {
    const others = await Promise.all([database.open(), database.open(), database.open()]);
    for (let round = 0; round < 20; round += 1) {
      const runId = newId();
      const results = await Promise.all(
        [store, ...others].map((each) => each.createRun({ runId, namespace: "test", app: "app" })),
      );
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(results.map(({ run }) => run.runId))).toEqual(new Set([runId]));
    }
  });

  it("refuses a run whose id lives elsewhere than its space", async () => {
    const spaceId = newId(1);
    await expect(
      store.createRun({ runId: newId(2), spaceId, namespace: "test", app: "app" }),
    ).rejects.toMatchObject({ code: "ID_INVALID" });
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

  it("goes over to the next run of the thread", async () => {
    const first = await newRun(store);
    const one = await store.takeOver(first.runId);
    await one.putSession("thread", { items: ['"a"'] });
    const second = await newRun(store, first.spaceId);
    const two = await store.takeOver(second.runId);
    await two.putSession("thread", { items: ['"a"', '"b"'] });
    expect(await store.session(first.spaceId, "thread")).toMatchObject({
      items: ['"a"', '"b"'],
      runId: second.runId,
    });
  });

  it("written by two runs in one flush takes both, in order", async () => {
    const first = await newRun(store);
    const second = await newRun(store, first.spaceId);
    const one = await store.takeOver(first.runId);
    const two = await store.takeOver(second.runId);
    await Promise.all([
      one.putSession("thread", { value: { text: "1" } }),
      two.putSession("thread", { value: { text: "2" } }),
    ]);
    expect(await store.session(first.spaceId, "thread")).toMatchObject({
      value: "2",
      runId: second.runId,
    });
  });
});
