import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryDatabase, openMemoryStore } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";

describe("a database in memory", () => {
  it("knows nothing of another", async () => {
    const { runId } = await newRun(openMemoryStore(memoryDatabase()));
    expect(await openMemoryStore(memoryDatabase()).run(runId)).toBeUndefined();
  });

  it("is as its handles left it, also those that were closed", async () => {
    const database = memoryDatabase();
    const store = openMemoryStore(database);
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    writer.append({ entry: "started" });
    await store.close();
    expect((await openMemoryStore(database).takeOver(runId)).lastSeq).toBe(1);
  });

  it("dates rows by the clock it was given, and orders none by it", async () => {
    let now = 1_000;
    const database = memoryDatabase({ now: () => new Date(now) });
    const store = openMemoryStore(database);
    const { runId, spaceId, createdAt } = await newRun(store);
    const writer = await store.takeOver(runId);
    for (now of [900, 800, 700]) {
      await writer.append({ entry: "started" }).durable;
      await writer.putSession("thread", {});
      await store.say(runId, { key: `${now}`, kind: "signal" });
    }
    const times = [900, 800, 700].map((time) => new Date(time));
    expect(createdAt).toEqual(new Date(1_000));
    expect((await collect(store.journal(runId))).map(({ at }) => at)).toEqual(times);
    expect((await store.said(runId)).map(({ at }) => at)).toEqual(times);
    expect((await store.session(spaceId, "thread"))!.at).toEqual(times[2]);

    await store.deleteSpace(spaceId);
    now += 60_000;
    expect(await store.sweepDeleted({ graceMs: 60_001 })).toBe(0);
    expect(await store.sweepDeleted({ graceMs: 60_000 })).toBe(1);
  });
});

describe("a store in memory, while time stands still", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("does all it does", async () => {
    const store = openMemoryStore(memoryDatabase());
    const { runId, spaceId } = await newRun(store);
    const writer = await store.takeOver(runId);
    writer.append({ entry: "started", input: ['"a"'] });
    writer.putSession("thread", { items: ['"a"'] });
    await writer.room();
    await store.say(runId, { key: "k", kind: "cancel" });
    expect(await collect(store.journal(runId))).toHaveLength(1);
    expect(await store.deleteSpace(spaceId)).toBe(true);
    expect(await store.sweepDeleted({ graceMs: 0 })).toBe(1);
    await store.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("writes each row in a microtask of its own, so that another can come between any two", async () => {
    /** How many of ten queued rows are written before a takeover that comes after `turns` microtasks. */
    const cut = async (turns: number) => {
      const database = memoryDatabase();
      const [zombie, worker] = [openMemoryStore(database), openMemoryStore(database)];
      const { runId } = await newRun(zombie);
      const old = await zombie.takeOver(runId);
      for (let n = 0; n < 10; n += 1) old.append({ entry: "old" });
      for (let turn = 0; turn < turns; turn += 1) await undefined;
      return (await worker.takeOver(runId)).lastSeq;
    };
    const cuts: number[] = [];
    for (let turns = 0; turns <= 30; turns += 1) cuts.push(await cut(turns));
    expect(new Set(cuts)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(cuts).toEqual(cuts.toSorted((a, b) => a - b));
    expect(await cut(7)).toBe(cuts[7]);
  });
});
