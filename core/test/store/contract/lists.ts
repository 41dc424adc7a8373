import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalWriter } from "../../../src/store/index.ts";
import { collect, newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";
import { changes, histories } from "./histories.ts";

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();

export function describeLists(given: () => Processes): void {
  describe("lists", () => {
    it("come back exactly, whatever rewriting, forking and restarting went on", async () => {
      const [store] = given().stores;
      await fc.assert(
        fc.asyncProperty(
          changes(25),
          fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
          async (all, restarts) => {
            const { runId, spaceId } = await newRun(store);
            const past = histories(all);
            let writer: JournalWriter = await store.takeOver(runId);
            for (const [index, input] of past.entries()) {
              if (restarts[index]) {
                const other = await newRun(store, spaceId);
                writer = await store.takeOver(other.runId);
              }
              await writer.append({ entry: "started", input }).durable;
              const [entry] = await collect(
                store.journal(writer.runId, { after: writer.lastSeq - 1 }),
              );
              expect(await store.list(spaceId, entry!.input!)).toEqual(input);
            }
          },
        ),
        { numRuns: 12 },
      );
    });

    it("take an empty one, and one with the same item many times", async () => {
      const [store] = given().stores;
      const { runId, spaceId } = await newRun(store);
      const writer = await store.takeOver(runId);
      const again = Array.from({ length: 200 }, () => '"again"');
      writer.append({ entry: "started", input: [] });
      await writer.append({ entry: "started", input: again }).durable;
      const [empty, repeated] = await collect(store.journal(runId));
      expect(await store.list(spaceId, empty!.input!)).toEqual([]);
      expect(await store.list(spaceId, repeated!.input!)).toEqual(again);
    });

    it("are named by their content alone: the hash of the hashes of their items", async () => {
      const [one, two] = given().stores;
      const texts = ['"a"', '"b"', '"\u00fc \u{1f9ff}"'];
      const name = sha256(Buffer.concat(texts.map(sha256))).toString("hex");
      for (const store of [one, two]) {
        const { runId, spaceId } = await newRun(store);
        const writer = await store.takeOver(runId);
        writer.append({ entry: "started", input: texts });
        await writer.append({ entry: "started", input: [...texts] }).durable;
        const entries = await collect(store.journal(runId));
        expect(entries.map(({ input }) => input)).toEqual([name, name]);
        expect(await store.list(spaceId, name)).toEqual(texts);
      }
    });

    it("hold what they were made of, whatever becomes of the array afterwards", async () => {
      const [store] = given().stores;
      const { runId, spaceId } = await newRun(store);
      const writer = await store.takeOver(runId);
      const history = ['"a"', '"b"'];
      writer.append({ entry: "started", input: history });
      const slot = writer.putSession("thread", { items: history });
      history[0] = '"rewritten"';
      history.push('"c"');
      await slot;
      const [entry] = await collect(store.journal(runId));
      expect(await store.list(spaceId, entry!.input!)).toEqual(['"a"', '"b"']);
      expect((await store.session(spaceId, "thread"))!.items).toEqual(['"a"', '"b"']);
    });

    it("are not found in a space that never held them", async () => {
      const [store] = given().stores;
      const { spaceId } = await newRun(store);
      const list = "00".repeat(32);
      await expect(store.list(spaceId, list)).rejects.toMatchObject({
        code: "STORE_CORRUPT",
        details: { spaceId, list },
      });
    });
  });
}
