import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newId } from "../../../src/store/index.ts";
import { newRun } from "../../support/runs.ts";
import { MINUTE, newWorker, writerOf } from "../../support/workers.ts";
import type { Processes } from "./describe-store.ts";

export function describeClaims(given: () => Processes): void {
  describe("a claim", () => {
    it("gets a run that nobody holds, and says so to whoever asks", async () => {
      const {
        stores: [store, other],
        workers: [worker],
      } = given();
      const { runId, spaceId } = await newRun(store);
      const writer = writerOf(await store.claim(runId, worker));
      expect(writer).toMatchObject({ runId, spaceId, epoch: 1, lastSeq: 0 });
      await writer.append({ entry: "started" }).durable;
      const run = { status: "running", workerId: worker, epoch: 1, readyInMs: undefined };
      expect(await other.run(runId)).toMatchObject(run);
    });

    it("is among those of its worker, until it lets go of the run", async () => {
      const [store, other] = given().stores;
      const [{ id: worker }, { id: rival }] = [await newWorker(store), await newWorker(other)];
      const mine = [await newRun(store), await newRun(store)];
      const theirs = await newRun(store);
      const first = writerOf(await store.claim(mine[0]!.runId, worker));
      await store.claim(mine[1]!.runId, worker);
      await store.claim(theirs.runId, rival);
      const held = async () => (await other.heldBy(worker)).map(({ runId }) => runId);
      expect((await held()).toSorted()).toEqual(mine.map(({ runId }) => runId).toSorted());
      expect(await other.heldBy(rival)).toEqual([
        { runId: theirs.runId, status: "running", epoch: 1, isHeld: true },
      ]);
      await first.putState({ status: "queued", release: true });
      expect(await held()).toEqual([mine[1]!.runId]);
      expect(await other.heldBy(newId())).toEqual([]);
    });

    it("of many at once is one worker's, and the others learn whose", async () => {
      const { stores, workers } = given();
      for (let round = 0; round < 15; round += 1) {
        const { runId } = await newRun(stores[0]);
        const claims = await Promise.all(
          stores.map((store, index) => store.claim(runId, workers[index]!)),
        );
        const winner = claims.findIndex(({ is }) => is === "mine");
        expect(claims.filter(({ is }) => is === "mine")).toHaveLength(1);
        for (const [index, claim] of claims.entries()) {
          if (index === winner) continue;
          expect(claim).toMatchObject({ is: "held", workerId: workers[winner] });
        }
        expect(await stores[0].run(runId)).toMatchObject({ epoch: 1, workerId: workers[winner] });
      }
    });

    it("is refused while the worker that holds the run lives, with the time that is left", async () => {
      const { stores, workers } = given();
      const [store, other] = stores;
      const { runId } = await newRun(store);
      const writer = writerOf(await store.claim(runId, workers[0]));
      const refused = await other.claim(runId, workers[1]);
      const held = { is: "held", workerId: workers[0], expiresInMs: expect.any(Number) };
      expect(refused).toEqual(held);
      if (refused.is === "held") expect(refused.expiresInMs).toBeGreaterThan(MINUTE / 2);
      await writer.append({ entry: "started" }).durable;
      expect(writer.lost).toBeUndefined();
    });

    it("is refused for as long as that worker goes on telling that it lives", async () => {
      const { stores, workers } = given();
      const [store, other] = stores;
      const { runId } = await newRun(store);
      const holder = await newWorker(store, { leaseMs: 1_500 });
      await store.claim(runId, holder.id);
      for (let beats = 0, left = 0; beats < 4; ) {
        const claim = await other.claim(runId, workers[1]);
        if (claim.is !== "held") throw new Error("the run was taken from a living worker");
        if (claim.expiresInMs > left) beats += 1;
        left = claim.expiresInMs;
        await sleep(10);
      }
    });

    it("gets the run of a worker whose lease is over, and fences that worker", async () => {
      const { stores, workers, expire } = given();
      const [store, other] = stores;
      const { runId } = await newRun(store);
      const late = await newWorker(store);
      const old = writerOf(await store.claim(runId, late.id));
      await old.append({ entry: "old" }).durable;
      expect(await other.claim(runId, workers[1])).toMatchObject({ is: "held" });
      await expire(late.id);
      expect(writerOf(await other.claim(runId, workers[1]))).toMatchObject({
        epoch: 2,
        lastSeq: 1,
      });
      await expect(old.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
      expect(await store.claim(runId, late.id)).toMatchObject({ is: "held", workerId: workers[1] });
    });

    it("gets at once what a worker held that has left", async () => {
      const { stores, workers } = given();
      const [store, other] = stores;
      const { runId } = await newRun(store);
      const first = await newWorker(store);
      const old = writerOf(await store.claim(runId, first.id));
      await first.presence.leave();
      await old.append({ entry: "still its own" }).durable;
      expect(writerOf(await other.claim(runId, workers[1]))).toMatchObject({
        epoch: 2,
        lastSeq: 1,
      });
    });

    it("of a worker that is not known is refused, unless the run is over or held", async () => {
      const { stores, workers } = given();
      const [store] = stores;
      const left = await newWorker(store);
      await left.presence.leave();
      for (const workerId of [newId(), left.id]) {
        const { runId } = await newRun(store);
        const lost = { code: "WORKER_LOST", details: { workerId } };
        await expect(store.claim(runId, workerId)).rejects.toMatchObject(lost);
        expect(await store.run(runId)).toMatchObject({ epoch: 0, status: "queued" });
        const writer = writerOf(await store.claim(runId, workers[0]));
        expect(await store.claim(runId, workerId)).toMatchObject({ is: "held" });
        await writer.putState({ status: "completed" });
        expect(await store.claim(runId, workerId)).toEqual({ is: "over", status: "completed" });
      }
    });

    it("of the worker that holds the run already gets it again, and fences its earlier writer", async () => {
      const {
        stores: [store],
        workers: [worker],
      } = given();
      const { runId } = await newRun(store);
      const old = writerOf(await store.claim(runId, worker));
      const next = writerOf(await store.claim(runId, worker));
      await expect(old.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
      await next.append({ entry: "started" }).durable;
    });

    it.each(["completed", "failed", "cancelled"] as const)(
      "gets no run that is %s",
      async (status) => {
        const { stores, workers } = given();
        const [store, other] = stores;
        const { runId } = await newRun(store);
        const writer = writerOf(await store.claim(runId, workers[0]));
        await writer.putState({ status });
        expect(await store.claim(runId, workers[0])).toEqual({ is: "over", status });
        expect(await other.claim(runId, workers[1])).toEqual({ is: "over", status });
        const run = { status, epoch: 1, workerId: undefined, readyInMs: undefined };
        expect(await other.run(runId)).toMatchObject(run);
        expect((await other.takeOver(runId)).epoch).toBe(2);
        expect(await other.run(runId)).toMatchObject({ status: "queued", workerId: undefined });
      },
    );

    it("takes no run from a takeover's hands unnoticed: it fences it", async () => {
      const { stores, workers } = given();
      const [store, other] = stores;
      const { runId } = await newRun(store);
      const old = writerOf(await store.claim(runId, workers[0]));
      const taken = await other.takeOver(runId);
      expect(await store.run(runId)).toMatchObject({ workerId: undefined });
      await expect(old.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
      expect(writerOf(await store.claim(runId, workers[0])).epoch).toBe(3);
      await expect(taken.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
    });

    it("takes over from the epoch that was seen, or not at all", async () => {
      const { stores, workers } = given();
      const [store, other] = stores;
      const { runId, epoch } = await newRun(store);
      expect((await store.takeOver(runId, { epoch })).epoch).toBe(1);
      const owner = writerOf(await store.claim(runId, workers[0]));
      await expect(other.takeOver(runId, { epoch: 1 })).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
        details: { expected: 1, found: 2 },
      });
      await owner.append({ entry: "still mine" }).durable;
      const gone = other.takeOver(newId(), { epoch: 1 });
      await expect(gone).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    });

    it("needs a run that is there, and ids that are ids", async () => {
      const [store] = given().stores;
      const runId = newId();
      await expect(store.claim(runId, newId())).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      const id = "worker-1";
      const { runId: there } = await newRun(store);
      const told = { buried: () => {}, noticed: () => {} };
      const served = { namespace: "test", apps: ["app"], queues: ["default"] };
      for (const refused of [
        store.claim(there, id),
        store.claimReady({ workerId: id, ...served, limit: 1 }),
        store.enter({ id, leaseMs: MINUTE, host: "here", pid: 1 }, told),
        store.bury({ workerId: id, beats: 0, why: "expired" }),
      ]) {
        await expect(refused).rejects.toMatchObject({ code: "ID_INVALID", details: { id } });
      }
    });
  });
}
