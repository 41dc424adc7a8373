import { describe, expect, it } from "vitest";
import { bucketOf, type NewRun, newId } from "../../../src/store/index.ts";
import type { Processes } from "./describe-store.ts";

const RUN = { namespace: "test", app: "app" };

/** A run of this space, which is to be its only unfinished one. */
function inSpace(spaceId: string, more: Partial<NewRun> = {}): NewRun {
  return { ...RUN, runId: newId(bucketOf(spaceId)), spaceId, alone: true, ...more };
}

export function describeThreads(given: () => Processes): void {
  describe("a run that is to be alone in its space", () => {
    it("is made by one of many at once, and the others learn which it is", async () => {
      const { stores } = given();
      for (let round = 0; round < 20; round += 1) {
        const spaceId = newId();
        const made = await Promise.all(stores.map((store) => store.createRun(inSpace(spaceId))));
        const news = made.filter(({ is }) => is === "new");
        expect(news).toHaveLength(1);
        const { runId } = news[0]!.run;
        const others = made.filter(({ is }) => is !== "new");
        expect(others.map(({ is, run }) => [is, run.runId])).toEqual(
          others.map(() => ["busy", runId]),
        );
      }
    });

    it("is made when the one before it is over", async () => {
      const [store, other] = given().stores;
      const spaceId = newId();
      const { run } = await store.createRun(inSpace(spaceId));
      const writer = await store.takeOver(run.runId);
      await writer.putState({ status: "waiting", release: true });
      expect(await other.createRun(inSpace(spaceId))).toMatchObject({ is: "busy" });
      await (await store.takeOver(run.runId)).putState({ status: "failed", release: true });
      const next = await other.createRun(inSpace(spaceId));
      expect(next.is).toBe("new");
      expect(await store.newestRun(spaceId)).toEqual({
        ...next.run,
        readyInMs: expect.any(Number),
      });
      expect(await store.newestRun(newId())).toBeUndefined();
    });
  });

  describe("the name of a run", () => {
    it("finds it, and makes no other, at once or later, in its thread or another", async () => {
      const { stores } = given();
      for (let round = 0; round < 20; round += 1) {
        const nameId = newId();
        const one = newId();
        const spaces = stores.map(() => (round % 2 === 0 ? one : newId()));
        const made = await Promise.all(
          stores.map((store, nth) => store.createRun(inSpace(spaces[nth]!, { nameId }))),
        );
        const others = made.filter(({ is }) => is !== "new");
        expect(others.map(({ is }) => is)).toEqual(["there", "there", "there"]);
        const ids = new Set(made.map(({ run }) => run.runId));
        expect(ids.size).toBe(1);
        const [runId] = ids;
        expect(await stores[0].run(nameId)).toMatchObject({ runId });
        const again = await stores[0].createRun(inSpace(newId(), { nameId }));
        expect(again).toMatchObject({ is: "there", run: { runId } });
      }
    });

    it("goes with the run", async () => {
      const [store, other] = given().stores;
      const nameId = newId();
      const { run } = await store.createRun(inSpace(newId(), { nameId }));
      await store.pruneRun(run.runId);
      expect(await other.run(nameId)).toBeUndefined();
      const next = await other.createRun(inSpace(newId(), { nameId }));
      expect(next.is).toBe("new");
      await store.deleteSpace(next.run.spaceId);
      expect(await other.run(nameId)).toBeUndefined();
    });
  });
}
