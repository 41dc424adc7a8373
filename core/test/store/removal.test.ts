import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";
import { chat } from "./contract/chat.ts";

const database = testDatabase();
let store: Store;
beforeAll(async () => {
  store = await database.open();
});

const TABLES = [
  "spaces",
  "runs",
  "steps",
  "items",
  "lists",
  "sessions",
  "waits",
  "control",
] as const;
const OF_A_RUN: readonly string[] = ["steps", "waits", "control"];

/** How many rows of each table belong to a space (or its runs). */
async function rowsOf(spaceId: string, runIds: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of TABLES) {
    const column = OF_A_RUN.includes(table) ? "run_id" : "space_id";
    const ids = column === "run_id" ? runIds : [spaceId];
    const { rows } = await database.pool.query(
      `select count(*)::int as n from holdfast.${table} where ${column} = any($1::uuid[])`,
      [ids],
    );
    counts[table] = rows[0].n;
  }
  return counts;
}

describe("deleting a space", () => {
  it("removes every row of it and none of another", async () => {
    const [doomed, other] = [await chat(store, 3), await chat(store, 2)];
    const before = await rowsOf(other.spaceId, other.runIds);
    expect(await store.deleteSpace(doomed.spaceId)).toBe(true);
    expect(await rowsOf(doomed.spaceId, doomed.runIds)).toEqual({
      spaces: 1,
      runs: 0,
      steps: 0,
      items: 0,
      lists: 0,
      sessions: 0,
      waits: 0,
      control: 0,
    });
    expect(await store.sweepDeleted({ graceMs: 0 })).toBeGreaterThanOrEqual(1);
    expect((await rowsOf(doomed.spaceId, doomed.runIds)).spaces).toBe(0);
    expect(await rowsOf(other.spaceId, other.runIds)).toEqual(before);
    expect(await store.deleteSpace(doomed.spaceId)).toBe(false);
  });

  it("lets nothing more in, not even content ahead of an entry that will be refused", async () => {
    const { spaceId, runIds, said } = await chat(store, 1);
    const writer = await store.takeOver(runIds[0]!);
    await store.deleteSpace(spaceId);
    await expect(
      writer.append({
        entry: "started",
        input: [...said, '"late"'],
        value: { text: '"late too"', shared: true },
      }).durable,
    ).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    expect(await rowsOf(spaceId, runIds)).toMatchObject({ steps: 0, items: 0, lists: 0 });
  });

  it("leaves nothing behind of writers that never stop", async () => {
    for (let round = 0; round < 15; round += 1) {
      const { spaceId, runIds, said } = await chat(store, 2);
      const writers = await Promise.all(runIds.map((runId) => store.takeOver(runId)));
      const writing = Promise.allSettled(
        writers.map(async (writer, index) => {
          for (let n = 0; ; n += 1) {
            const input = [...said, JSON.stringify(`late ${index} ${n}`)];
            await writer.append({ entry: "started", input }).durable;
          }
        }),
      );
      await sleep(Math.random() * 10);
      await store.deleteSpace(spaceId);
      const ends = await writing;
      expect(ends.map((end) => end.status === "rejected" && end.reason.code)).toEqual([
        "RUN_NOT_FOUND",
        "RUN_NOT_FOUND",
      ]);
      await store.sweepDeleted({ graceMs: 0 });
      expect(Object.values(await rowsOf(spaceId, runIds)).every((n) => n === 0)).toBe(true);
    }
  });

  it("is finished by a later sweep when it was cut short", async () => {
    const { spaceId, runIds } = await chat(store, 2);
    await database.pool.query(
      "update holdfast.spaces set deleted_at = now() - interval '1 hour' where space_id = $1",
      [spaceId],
    );
    expect(await store.sweepDeleted()).toBe(1);
    expect(Object.values(await rowsOf(spaceId, runIds)).every((n) => n === 0)).toBe(true);
  });
});

describe("pruning a run", () => {
  it("removes what only it had said and keeps what others are built on", async () => {
    const { spaceId, runIds, said } = await chat(store, 3);
    expect(await store.pruneRun(runIds[0]!)).toBe(true);
    expect(await store.run(runIds[0]!)).toBeUndefined();
    for (const [turn, runId] of runIds.slice(1).entries()) {
      const [started, finished] = await collect(store.journal(runId));
      expect(await store.list(spaceId, started!.input!)).toEqual(said.slice(0, 2 * (turn + 2)));
      expect(finished!.value).toContain(`only run ${turn + 1}`);
    }
    expect((await store.session(spaceId, "thread"))?.items).toEqual(said);
    const { rows } = await database.pool.query(
      "select body from holdfast.items where space_id = $1",
      [spaceId],
    );
    expect(rows.filter(({ body }) => body.includes("only run 0"))).toEqual([]);
    expect(await store.pruneRun(runIds[0]!)).toBe(false);
  });

  it("frees the space when its last run and its sessions are gone", async () => {
    const { runId, spaceId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.append({
      entry: "started",
      input: ['"a"', '"b"'],
      value: { text: '"c"', shared: true },
    }).durable;
    await store.pruneRun(runId);
    expect(await rowsOf(spaceId, [runId])).toMatchObject({ runs: 0, steps: 0, items: 0, lists: 0 });
  });

  it("makes a process that still believes a swept item stored send it again", async () => {
    const first = await newRun(store);
    const spaceId = first.spaceId;
    const living = await newRun(store, spaceId);
    const said = Array.from({ length: 80 }, (_, index) => JSON.stringify(`said ${index}`));
    const writer = await store.takeOver(living.runId);
    const doomed = await store.takeOver(first.runId);
    await doomed.append({
      entry: "started",
      input: said,
      value: { text: '"shared"', shared: true },
    }).durable;

    const janitor = await database.open();
    await janitor.pruneRun(first.runId);
    expect(await rowsOf(spaceId, [])).toMatchObject({ items: 0, lists: 0 });

    await writer.append({
      entry: "started",
      input: [...said, '"new"'],
      value: { text: '"shared"', shared: true },
    }).durable;
    const [entry] = await collect(store.journal(living.runId));
    expect(entry!.value).toBe('"shared"');
    expect(await store.list(spaceId, entry!.input!)).toEqual([...said, '"new"']);
  });
});
