import { describe, expect, it } from "vitest";
import { collect, newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";

export function describeJournal(given: () => Processes): void {
  describe("a journal", () => {
    it("gives back what was written, in order and numbered from 1", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      writer.append({
        entry: "started",
        kind: "tool",
        name: "search",
        scope: "/a",
        callId: "call_1",
        hash: "abc",
        overlapped: true,
        value: { text: '{"q":1}' },
      });
      await writer.append({ entry: "finished", step: 1, value: { text: '"found"' } }).durable;

      const entries = await collect(store.journal(runId));
      expect(entries).toEqual([
        {
          seq: 1,
          epoch: 1,
          entry: "started",
          step: undefined,
          kind: "tool",
          name: "search",
          scope: "/a",
          callId: "call_1",
          hash: "abc",
          overlapped: true,
          input: undefined,
          value: '{"q":1}',
          at: expect.any(Date),
        },
        expect.objectContaining({
          seq: 2,
          epoch: 1,
          entry: "finished",
          step: 1,
          kind: undefined,
          callId: undefined,
          overlapped: false,
          value: '"found"',
        }),
      ]);
    });

    it("is durable entry by entry: an earlier entry never commits after a later one", async () => {
      const [store] = given().stores;
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

    it("is read by other processes as soon as it is durable", async () => {
      const [store, reader] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      for (let index = 0; index < 20; index += 1) {
        const { seq, durable } = writer.append({ entry: "started" });
        await durable;
        expect(await collect(reader.journal(runId, { after: seq - 1 }))).toHaveLength(1);
      }
    });

    it("can be read from an entry on", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      for (let index = 0; index < 450; index += 1) writer.append({ entry: "started" });
      await writer.append({ entry: "finished", step: 450 }).durable;
      const rest = await collect(store.journal(runId, { after: 449 }));
      expect(rest.map(({ seq }) => seq)).toEqual([450, 451]);
      const { spaceId } = writer;
      expect(await collect(store.journal(runId, { after: 449, spaceId }))).toEqual(rest);
      expect(await collect(store.journal(runId, { after: 451 }))).toEqual([]);
    });

    it("is asked for the newest of some entries without being read", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      expect(await store.newestEntry(runId, ["failed"])).toBeUndefined();
      const large = "x".repeat(5_000);
      for (const entry of ["started", "failed", "started", "finished", "failed", "at rest"]) {
        writer.append({ entry, value: { text: `"${large}"` }, input: [large] });
      }
      await writer.append({ entry: "attempt" }).durable;
      const all = await collect(store.journal(runId));
      expect(await store.newestEntry(runId, ["failed", "started"])).toEqual(all[4]);
      expect(await store.newestEntry(runId, ["started"])).toEqual(all[2]);
      expect(await store.newestEntry(runId, ["run failed"])).toBeUndefined();
    });

    it("that said many large things is read page by page, whole and in order", async () => {
      const [store] = given().stores;
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

    it("takes a body of 50 MB", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      const text = JSON.stringify("y".repeat(50 * 1024 * 1024));
      await writer.append({ entry: "finished", value: { text } }).durable;
      const [entry] = await collect(store.journal(runId));
      expect(entry!.value === text).toBe(true);
    });

    it("keeps escaped NUL characters and lone surrogates, which jsonb would refuse", async () => {
      const [store] = given().stores;
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
        const [store] = given().stores;
        const { runId } = await newRun(store);
        const writer = await store.takeOver(runId);
        expect(() => writer.append(entry)).toThrow(
          expect.objectContaining({ code: "STORE_REFUSED_ROW", details: { runId, field } }),
        );
        expect(await writer.append({ entry: "started" }).durable).toBeUndefined();
        expect((await collect(store.journal(runId))).map(({ seq }) => seq)).toEqual([1]);
      },
    );

    it("has room again when what was written is durable", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      for (let index = 0; index < 50; index += 1) {
        writer.append({ entry: "started" });
        await writer.room();
      }
      expect(writer.lastSeq).toBe(50);
    });
  });
}
