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
        expect(results.filter(({ created }) => created)).toHaveLength(1);
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
        createdAt: expect.any(Date),
      });
      expect(parent).toMatchObject({ spaceId: parent.runId, parentId: undefined });

      await store.takeOver(runId);
      const again = await other.createRun({ runId, namespace: "other", app: "other" });
      expect(again).toEqual({ run: { ...run, status: "running", epoch: 1 }, created: false });
      expect(await other.run(runId)).toEqual(again.run);
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
