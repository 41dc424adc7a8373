import { describe, expect, it } from "vitest";
import type { Store } from "../../../src/store/index.ts";
import { collect, newRun } from "../../support/runs.ts";
import { chat } from "./chat.ts";
import type { Processes } from "./describe-store.ts";

const CORRUPT = { code: "STORE_CORRUPT" };

/** The lists a run's entries were given. */
async function inputsOf(store: Store, runId: string): Promise<readonly string[]> {
  return (await collect(store.journal(runId))).flatMap(({ input }) => input ?? []);
}

export function describeRemoval(given: () => Processes): void {
  describe("deleting a space", () => {
    it("takes away all that was in it, for every process", async () => {
      const [store, other] = given().stores;
      const { spaceId, runIds } = await chat(store, 3);
      const kept = await chat(store, 1);
      const [list] = await inputsOf(store, runIds[0]!);
      expect(await other.deleteSpace(spaceId)).toBe(true);
      for (const runId of runIds) {
        expect(await store.run(runId)).toBeUndefined();
        await expect(store.said(runId)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      }
      expect(await store.session(spaceId, "thread")).toBeUndefined();
      await expect(store.list(spaceId, list!)).rejects.toMatchObject(CORRUPT);
      expect(await store.deleteSpace(spaceId)).toBe(false);
      expect((await store.session(kept.spaceId, "thread"))!.items).toEqual(kept.said);
      expect(await inputsOf(store, kept.runIds[0]!)).toHaveLength(1);
    });

    it("turns away new runs of it, by name", async () => {
      const [store] = given().stores;
      const { spaceId } = await chat(store, 1);
      await store.deleteSpace(spaceId);
      await expect(newRun(store, spaceId)).rejects.toMatchObject({
        code: "SPACE_DELETED",
        details: { spaceId },
      });
    });

    it("waits for the grace period before it takes the tombstone", async () => {
      const [store] = given().stores;
      await store.sweepDeleted({ graceMs: 0 });
      const { spaceId } = await chat(store, 1);
      await store.deleteSpace(spaceId);
      expect(await store.sweepDeleted({ graceMs: 60_000 })).toBe(0);
      expect(await store.sweepDeleted()).toBe(0);
      await expect(newRun(store, spaceId)).rejects.toMatchObject({ code: "SPACE_DELETED" });
      expect(await store.sweepDeleted({ graceMs: 0 })).toBe(1);
      expect(await newRun(store, spaceId)).toMatchObject({ spaceId });
      expect(await store.session(spaceId, "thread")).toBeUndefined();
    });
  });

  describe("an id that is used again", () => {
    it("after its run was pruned takes nothing from the writer of that run", async () => {
      for (const index of [0, 1]) {
        const [store] = given().stores;
        const other = given().stores[index]!;
        const { runId, spaceId } = await newRun(store);
        const old = await store.takeOver(runId);
        await old.append({ entry: "started", input: ['"a"'] }).durable;
        await other.pruneRun(runId);
        await other.createRun({ runId, spaceId, namespace: "test", app: "app" });
        const next = await other.takeOver(runId);
        await next.append({ entry: "started", input: ['"a"'] }).durable;
        await expect(old.append({ entry: "late" }).durable).rejects.toMatchObject({
          code: "RUN_NOT_FOUND",
        });
        await next.append({ entry: "finished" }).durable;
        const entries = await collect(store.journal(runId));
        expect(entries.map(({ entry }) => entry)).toEqual(["started", "finished"]);
        expect(await store.list(spaceId, entries[0]!.input!)).toEqual(['"a"']);
      }
    });

    it("after its space was deleted and swept is told again what had been stored there", async () => {
      const [store] = given().stores;
      const first = await newRun(store);
      const said = { entry: "started", input: ['"a"'], value: { text: '"b"', shared: true } };
      const old = await store.takeOver(first.runId);
      await old.append(said).durable;
      await store.deleteSpace(first.spaceId);
      await store.sweepDeleted({ graceMs: 0 });

      const { runId, spaceId } = first;
      const again = await store.createRun({ runId, spaceId, namespace: "test", app: "app" });
      expect(again.is).toBe("new");
      const next = await store.takeOver(first.runId);
      await next.append(said).durable;
      await expect(old.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_NOT_FOUND",
      });
      const [entry] = await collect(store.journal(first.runId));
      expect(entry!.value).toBe('"b"');
      expect(await store.list(first.spaceId, entry!.input!)).toEqual(['"a"']);
    });
  });

  describe("pruning a run", () => {
    it("keeps what two runs say at once, also when only one knows of it", async () => {
      const [store, janitor] = given().stores;
      const doomed = await newRun(store);
      const stale = await store.takeOver((await newRun(store, doomed.spaceId)).runId);
      await janitor.pruneRun(doomed.runId);
      const fresh = await store.takeOver((await newRun(store, doomed.spaceId)).runId);
      await fresh.append({ entry: "started" }).durable;

      const both = {
        entry: "started",
        input: ['"a"', '"b"'],
        value: { text: '"c"', shared: true },
      };
      await Promise.all([stale.append(both).durable, fresh.append(both).durable]);
      for (const { runId } of [stale, fresh]) {
        const entry = (await collect(store.journal(runId))).at(-1)!;
        expect(entry.value).toBe('"c"');
        expect(await store.list(doomed.spaceId, entry.input!)).toEqual(['"a"', '"b"']);
      }
    });

    it("is done by one of two who try at once", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const both = await Promise.all([store.pruneRun(runId), other.pruneRun(runId)]);
      expect(both.filter(Boolean)).toHaveLength(1);
    });

    it("removes a list that only it was given, and none that another was given too", async () => {
      const [store, other] = given().stores;
      const doomed = await newRun(store);
      const { spaceId } = doomed;
      const living = await newRun(store, spaceId);
      const one = await store.takeOver(doomed.runId);
      one.append({ entry: "started", input: ['"only here"'] });
      one.append({ entry: "started", input: ['"in both"'] });
      one.append({ entry: "started", input: ['"in the session"'] });
      await one.putSession("thread", { items: ['"in the session"'] });
      const [only, both, session] = await inputsOf(store, doomed.runId);
      const two = await store.takeOver(living.runId);
      await two.append({ entry: "started", input: ['"in both"'] }).durable;

      expect(await other.pruneRun(doomed.runId)).toBe(true);
      expect(await other.pruneRun(doomed.runId)).toBe(false);
      expect(await store.run(doomed.runId)).toBeUndefined();
      await expect(store.list(spaceId, only!)).rejects.toMatchObject(CORRUPT);
      expect(await store.list(spaceId, both!)).toEqual(['"in both"']);
      expect(await store.list(spaceId, session!)).toEqual(['"in the session"']);
      expect(await store.session(spaceId, "thread")).toMatchObject({ runId: doomed.runId });
      await expect(one.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_NOT_FOUND",
      });
    });

    it("never takes an item from under a writer that believes it stored", async () => {
      const { stores, another } = given();
      const [store] = stores;
      const janitor = await another();
      for (let round = 0; round < 15; round += 1) {
        const { spaceId, runIds, said } = await chat(store, 4);
        const living = await newRun(store, spaceId);
        const writer = await store.takeOver(living.runId);
        let stop = false;
        const inputs: (readonly string[])[] = [];
        let wake = () => {};
        const writing = (async () => {
          for (let n = 0; !stop; n += 1) {
            // What the pruned runs alone had said comes up again and again.
            const input = [...said.slice(0, 1 + (n % said.length)), JSON.stringify(`n ${n % 3}`)];
            inputs.push(input);
            await writer.append({ entry: "started", input }).durable;
            wake();
          }
        })();
        const more = async (count: number) => {
          const enough = inputs.length + count;
          while (inputs.length < enough) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        };
        await more(4);
        for (const runId of runIds) await janitor.pruneRun(runId);
        await more(4);
        stop = true;
        await writing;
        const entries = await collect(store.journal(living.runId));
        expect(entries.length).toBe(inputs.length);
        for (const [index, entry] of entries.entries()) {
          expect(await store.list(spaceId, entry.input!)).toEqual(inputs[index]);
        }
      }
    });
  });
}
