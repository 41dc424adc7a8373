import { describe, expect, it } from "vitest";
import { bucketOf, type NewRun, newId, type Store } from "../../../src/store/index.ts";
import { newRun } from "../../support/runs.ts";
import { newWorker, writerOf } from "../../support/workers.ts";
import type { Processes } from "./describe-store.ts";

const over = { status: "completed", release: true } as const;
const takenOver = expect.objectContaining({ code: "RUN_TAKEN_OVER" });

async function amending(store: Store, spaceId: string) {
  const amending = await store.amend(spaceId);
  if (amending.is !== "mine") throw new Error("the space is held");
  return amending.writer;
}

const nextIn = (spaceId: string): NewRun => {
  const runId = newId(bucketOf(spaceId));
  return { runId, spaceId, namespace: "test", app: "app", alone: true };
};

export function describeAmendments(given: () => Processes): void {
  describe("who amends a space", () => {
    it("writes what it keeps, and leaves its run as it was", async () => {
      const [store, other] = given().stores;
      const { runId, spaceId } = await newRun(store);
      const owner = await store.takeOver(runId);
      const why = '"wondering"';
      await owner.putState({ status: "waiting", why, blocked: "paused", release: true });
      const before = await store.run(runId);
      const writer = await amending(other, spaceId);
      await writer.putSession("slot", { value: { text: '"by hand"' } });
      expect(await store.session(spaceId, "slot")).toMatchObject({ value: '"by hand"', runId });
      expect(await store.run(runId)).toEqual({ ...before, epoch: before!.epoch + 1 });
      const late = owner.putSession("slot", { value: { text: '"too late"' } });
      await expect(late).rejects.toEqual(takenOver);
    });

    it("does not rob a worker that lives, nor one that has claimed the run since", async () => {
      const { stores, expire } = given();
      const [store, other] = stores;
      const { runId, spaceId } = await newRun(store);
      const { id: workerId } = await newWorker(store);
      const owner = writerOf(await store.claim(runId, workerId));
      const held = { is: "held", runId, workerId, expiresInMs: expect.any(Number) };
      expect(await other.amend(spaceId)).toEqual(held);
      expect(await store.amend(spaceId)).toEqual(held);
      await owner.append({ entry: "started" }).durable;

      await expire(workerId);
      const writer = await amending(other, spaceId);
      await expect(owner.append({ entry: "finished" }).durable).rejects.toEqual(takenOver);
      const heir = writerOf(await store.claim(runId, (await newWorker(store)).id));
      const late = writer.putSession("slot", { value: { text: '"too late"' } });
      await expect(late).rejects.toEqual(takenOver);
      await heir.putSession("slot", { value: { text: '"in time"' } });
      expect(await other.session(spaceId, "slot")).toMatchObject({ value: '"in time"' });
    });

    it("is too late once the next run of the space is made", async () => {
      const [store, other] = given().stores;
      const spaceId = newId();
      const { run: first } = await store.createRun(nextIn(spaceId));
      await (await store.takeOver(first.runId)).putState(over);
      const writer = await amending(other, spaceId);
      expect(writer.runId).toBe(first.runId);
      await writer.putSession("slot", { value: { text: "1" } });
      expect(await store.run(first.runId)).toMatchObject({ status: "completed" });

      const { is, run: second } = await store.createRun(nextIn(spaceId));
      expect(is).toBe("new");
      const late = writer.putSession("slot", { value: { text: "2" } });
      await expect(late).rejects.toEqual(takenOver);
      expect((await amending(other, spaceId)).runId).toBe(second.runId);
    });

    it("writes in the name of the run that is not over, though a later one is", async () => {
      const [store] = given().stores;
      const spaceId = newId();
      const { run: first } = await store.createRun(nextIn(spaceId));
      await (await store.takeOver(first.runId)).putState({ status: "failed", release: true });
      const { run: second } = await store.createRun(nextIn(spaceId));
      await (await store.takeOver(second.runId)).putState(over);
      expect((await amending(store, spaceId)).runId).toBe(second.runId);
      await (await store.takeOver(first.runId)).putState({ status: "queued", release: true });
      expect((await amending(store, spaceId)).runId).toBe(first.runId);
    });

    it("of several at once is the last, and a claim or a run at the same time is before or after", async () => {
      const { stores, workers } = given();
      for (let round = 0; round < 15; round += 1) {
        const { runId, spaceId } = await newRun(stores[0]);
        const [claim, ...amendings] = await Promise.all([
          stores[0].claim(runId, workers[0]),
          ...stores.slice(1).map((store) => store.amend(spaceId)),
        ]);
        const writers = amendings.flatMap((amending) =>
          amending.is === "mine" ? [amending.writer] : [],
        );
        writers.push(writerOf(claim!));
        const written = await Promise.allSettled(
          writers.map((writer, nth) => writer.putSession("slot", { value: { text: `${nth}` } })),
        );
        expect(written.map(({ status }) => status)).toEqual([
          ...writers.slice(1).map(() => "rejected"),
          "fulfilled",
        ]);
      }
    });

    it("is told of a space that has no run", async () => {
      const gone = given().stores[0].amend(newId());
      await expect(gone).rejects.toMatchObject({ code: "SPACE_DELETED" });
    });
  });
}
