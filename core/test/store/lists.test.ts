import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  HASH_BYTES,
  type KnownList,
  type ListNode,
  planList,
} from "../../src/store/content/list-plan.ts";
import type { Store } from "../../src/store/index.ts";
import { collect, newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";
import { changes, histories } from "./contract/histories.ts";

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();
const hashesOf = (texts: readonly string[]) => Buffer.concat(texts.map(sha256));

describe("the plan of a list", () => {
  /** Plans histories as a process does that remembers the last eight lists. */
  function planAll(all: readonly (readonly string[])[], allHashes?: Buffer) {
    const stored = new Map<string, ListNode>();
    const known: KnownList[] = [];
    for (const texts of all) {
      const hashes = allHashes?.subarray(0, texts.length * HASH_BYTES) ?? hashesOf(texts);
      const { node, list } = planList(sha256(hashes), hashes, known);
      const key = node.hash.toString("hex");
      if (!stored.has(key)) stored.set(key, node);
      known.push(list);
      if (known.length > 8) known.shift();
    }
    return stored;
  }

  function rebuild(stored: Map<string, ListNode>, hash: Buffer): { hashes: Buffer; depth: number } {
    const node = stored.get(hash.toString("hex"))!;
    const base =
      node.parent === null ? { hashes: Buffer.alloc(0), depth: 0 } : rebuild(stored, node.parent);
    const start = base.hashes.subarray(0, node.keep * HASH_BYTES);
    expect(start.length).toBe(node.keep * HASH_BYTES);
    return { hashes: Buffer.concat([start, node.delta]), depth: base.depth + 1 };
  }

  it("rebuilds every history exactly, through chains no longer than n/64 + 64", () => {
    fc.assert(
      fc.property(changes(60), (all) => {
        const past = histories(all);
        const stored = planAll(past);
        for (const texts of past) {
          const hashes = hashesOf(texts);
          const found = rebuild(stored, sha256(hashes));
          expect(found.hashes.equals(hashes)).toBe(true);
          expect(found.depth).toBeLessThanOrEqual(texts.length / 64 + 65);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("writes each hash of a growing history at most twice", () => {
    const texts = Array.from({ length: 4_001 }, (_, index) => `message ${index}`);
    const growing = Array.from({ length: 2_000 }, (_, turn) => texts.slice(0, 3 + 2 * turn));
    const stored = planAll(growing, hashesOf(texts));
    const written = [...stored.values()].reduce(
      (sum, { delta }) => sum + delta.length / HASH_BYTES,
      0,
    );
    expect(written).toBeLessThanOrEqual(2 * 4_001);
    expect(rebuild(stored, sha256(hashesOf(growing.at(-1)!))).depth).toBeLessThan(4_001 / 64 + 65);
  });

  it("keeps chains short when only the last message ever changes", () => {
    const start = Array.from({ length: 100 }, (_, index) => `message ${index}`);
    const varied = Array.from({ length: 500 }, (_, index) => [...start, `scratch ${index}`]);
    const stored = planAll([start, ...varied]);
    expect(rebuild(stored, sha256(hashesOf(varied.at(-1)!))).depth).toBeLessThanOrEqual(3);
  });
});

describe("lists in the database", () => {
  const database = testDatabase();
  let store: Store;
  beforeAll(async () => {
    store = await database.open();
  });

  it("are read the same by the view for people", async () => {
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const past = histories([
      { do: "say", count: 90 },
      { do: "say", count: 2 },
      { do: "rewrite", from: 0.5, count: 3 },
      { do: "say", count: 70 },
      { do: "return", to: 1 },
      { do: "trim", count: 20 },
    ]);
    for (const input of past) writer.append({ entry: "started", input });
    await writer.append({ entry: "finished" }).durable;
    const { rows } = await database.pool.query<{ seq: number; body: string }>(
      "select seq, body from holdfast.inputs where run_id = $1 order by seq, position",
      [runId],
    );
    past.forEach((texts, index) => {
      expect(rows.filter(({ seq }) => seq === index + 1).map(({ body }) => body)).toEqual(texts);
    });
  });

  it("cost a process that is new to a chat only what is new, not the chat again", async () => {
    const first = await newRun(store);
    const chat = Array.from({ length: 400 }, (_, index) =>
      JSON.stringify(`message ${index} ${"x".repeat(200)}`),
    );
    const one = await store.takeOver(first.runId);
    await one.append({ entry: "started", input: chat }).durable;

    const stranger = await database.open();
    const second = await newRun(stranger, first.spaceId);
    const two = await stranger.takeOver(second.runId);
    await two.append({ entry: "started", input: [...chat, '"new"'] }).durable;

    const { rows } = await database.pool.query(
      "select length(delta) / 32 as written from holdfast.lists where space_id = $1 order by at",
      [first.spaceId],
    );
    expect(rows.map(({ written }) => written)).toEqual([400, 1]);
  });

  it("say which list is broken when rows were lost", async () => {
    const { runId, spaceId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.append({ entry: "started", input: ['"a"', '"b"'] }).durable;
    const [entry] = await collect(store.journal(runId));
    await database.pool.query("delete from holdfast.items where space_id = $1 and body = '\"b\"'", [
      spaceId,
    ]);
    await expect(store.list(spaceId, entry!.input!)).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      details: { spaceId, list: entry!.input },
    });
    await expect(store.list(spaceId, "00".repeat(32))).rejects.toMatchObject({
      code: "STORE_CORRUPT",
    });
  });
});
