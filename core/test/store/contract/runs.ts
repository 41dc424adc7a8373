import { describe, expect, it } from "vitest";
import { bucketOf, newId } from "../../../src/store/index.ts";
import { collect, newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";

export function describeRuns(given: () => Processes): void {
  describe("creating a run", () => {
    it("happens once, however many processes try", async () => {
      for (let round = 0; round < 20; round += 1) {
        const runId = newId();
        const results = await Promise.all(
          given().stores.map((each) => each.createRun({ runId, namespace: "test", app: "app" })),
        );
        expect(results.filter(({ is }) => is === "new")).toHaveLength(1);
        expect(new Set(results.map(({ run }) => run.runId))).toEqual(new Set([runId]));
      }
    });

    it("refuses a run whose id lives elsewhere than its space", async () => {
      const spaceId = newId(1);
      await expect(
        given().stores[0].createRun({ runId: newId(2), spaceId, namespace: "test", app: "app" }),
      ).rejects.toMatchObject({ code: "ID_INVALID" });
    });

    it("keeps what it was made with, and leaves one that is there as it is", async () => {
      const [store, other] = given().stores;
      const parent = await newRun(store);
      const runId = newId(bucketOf(parent.spaceId));
      const { spaceId } = parent;
      const made = { runId, spaceId, parentId: parent.runId, namespace: "test", app: "child" };
      const { run } = await store.createRun(made);
      expect(run).toEqual({
        ...made,
        status: "queued",
        why: undefined,
        epoch: 0,
        workerId: undefined,
        queue: "default",
        readyInMs: expect.any(Number),
        blocked: undefined,
        createdAt: expect.any(Date),
      });
      expect(parent).toMatchObject({ spaceId: parent.runId, parentId: undefined });

      await store.takeOver(runId);
      const again = await other.createRun({ runId, namespace: "other", app: "other" });
      const taken = { ...run, epoch: 1, readyInMs: expect.any(Number) };
      expect(again).toEqual({ is: "there", run: taken });
      expect(await other.run(runId)).toEqual(taken);
    });
  });

  describe("a run that is over from the beginning", () => {
    it("is nobody's to take, and its space can be changed", async () => {
      const [store, other] = given().stores;
      const [alone, spaceId] = [newId(), newId()];
      const inSpace = { runId: newId(bucketOf(spaceId)), spaceId };
      for (const place of [{ runId: alone }, inSpace]) {
        const { run } = await store.createRun({
          ...place,
          namespace: "test",
          app: "over",
          over: true,
        });
        expect(run).toMatchObject({ status: "completed", epoch: 0, readyInMs: undefined });
        const amending = await other.amend(run.spaceId);
        expect(amending).toMatchObject({ is: "mine" });
        expect(await store.run(run.runId)).toMatchObject({ status: "completed", epoch: 1 });
      }
    });
  });

  describe("the opening of a run", () => {
    it("is entry 1 of its journal, there as soon as the run is", async () => {
      const [store, other] = given().stores;
      const runId = newId();
      const text = JSON.stringify("x".repeat(5_000));
      const opening = [{ entry: "opened", value: { text } }];
      const made = { runId, namespace: "test", app: "app", opening };
      const creating = store.createRun(made);
      while ((await other.run(runId)) === undefined);
      const expected = { seq: 1, epoch: 0, entry: "opened", value: text, overlapped: false };
      expect(await collect(other.journal(runId))).toMatchObject([expected]);
      await creating;
      const writer = await store.takeOver(runId);
      expect(writer.lastSeq).toBe(1);
      await writer.append({ entry: "started" }).durable;
      expect((await collect(other.journal(runId))).map(({ seq }) => seq)).toEqual([1, 2]);
    });

    it("is that of whoever made the run, and may have no value", async () => {
      const { stores } = given();
      const runId = newId();
      const made = { runId, namespace: "test", app: "app" };
      const results = await Promise.all(
        stores.map((store, index) =>
          store.createRun({ ...made, opening: [{ entry: `of process ${index}` }] }),
        ),
      );
      const maker = results.findIndex(({ is }) => is === "new");
      expect(await collect(stores[0].journal(runId))).toMatchObject([
        { seq: 1, entry: `of process ${maker}`, value: undefined },
      ]);
      const bare = await newRun(stores[0]);
      const again = { ...made, runId: bare.runId, opening: [{ entry: "late" }] };
      expect(await stores[0].createRun(again)).toMatchObject({ is: "there" });
      expect(await collect(stores[0].journal(bare.runId))).toEqual([]);
    });

    it("is refused when it cannot be stored, and the run with it", async () => {
      const [store] = given().stores;
      const runId = newId();
      const opening = [{ entry: "opened", value: { text: "\0" } }];
      const refused = store.createRun({ runId, namespace: "test", app: "app", opening });
      await expect(refused).rejects.toMatchObject({ code: "STORE_REFUSED_ROW" });
      expect(await store.run(runId)).toBeUndefined();
    });
  });

  describe("an id", () => {
    it("that is none is refused by name, wherever it is asked for", async () => {
      const [store] = given().stores;
      const id = "order-77";
      const refused = [
        store.createRun({ runId: id, namespace: "test", app: "app" }),
        store.createRun({ runId: newId(), spaceId: id, namespace: "test", app: "app" }),
        store.run(id),
        store.takeOver(id),
        store.claim(id, newId()),
        store.waits(id),
        store.heard([{ runId: id, after: 0 }]),
        collect(store.journal(id)),
        store.list(id, "00".repeat(32)),
        store.session(id, "thread"),
        store.say(id, { key: "k", kind: "cancel" }),
        store.said(id),
        store.pruneRun(id),
        store.deleteSpace(id),
      ];
      for (const each of await Promise.allSettled(refused)) {
        const reason = { code: "ID_INVALID", details: { id } };
        expect(each).toMatchObject({ status: "rejected", reason });
      }
    });

    it("of a run that is not there is an error that names it", async () => {
      const [store] = given().stores;
      const runId = newId();
      const missing = expect.objectContaining({ code: "RUN_NOT_FOUND", details: { runId } });
      await expect(store.takeOver(runId)).rejects.toEqual(missing);
      await expect(collect(store.journal(runId))).rejects.toEqual(missing);
      await expect(store.said(runId)).rejects.toEqual(missing);
      expect(await store.run(runId)).toBeUndefined();
      expect(await store.session(runId, "thread")).toBeUndefined();
      expect(await store.pruneRun(runId)).toBe(false);
      expect(await store.deleteSpace(runId)).toBe(false);
    });
  });
}
