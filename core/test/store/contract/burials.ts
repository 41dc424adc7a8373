import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newId, type Store, type Suspect } from "../../../src/store/index.ts";
import { MINUTE, newWorker, writerOf } from "../../support/workers.ts";
import { appOfRuns } from "./app-of-runs.ts";
import type { Processes } from "./describe-store.ts";

export function describeBurials(given: () => Processes): void {
  const somebody = { id: newId(), leaseMs: MINUTE, host: "elsewhere", pid: 1 };
  const suspectsOf = async (store: Store, workerId: string): Promise<readonly Suspect[]> =>
    (await store.suspects(somebody)).filter((suspect) => suspect.workerId === workerId);

  describe("a worker whose lease is over", () => {
    it("is suspected by all but itself, and buried once", async () => {
      const { stores, expire } = given();
      const [store, other] = stores;
      const late = await newWorker(store);
      expect(await suspectsOf(other, late.id)).toEqual([]);
      await expire(late.id);
      const [suspect, ...more] = await suspectsOf(other, late.id);
      expect(suspect).toMatchObject({ workerId: late.id, why: "expired" });
      expect(more).toEqual([]);
      const own = await store.suspects(late.worker);
      expect(own.map(({ workerId }) => workerId)).not.toContain(late.id);

      const buried = await Promise.all(stores.map((each) => each.bury(suspect!)));
      expect(buried.filter(Boolean)).toHaveLength(1);
      expect((await other.workers()).map(({ id }) => id)).not.toContain(late.id);
      expect(await suspectsOf(other, late.id)).toEqual([]);
    });

    it("leaves what it held ready for anybody, and is refused itself", async () => {
      const { stores, workers, expire } = given();
      const [store, other] = stores;
      const app = appOfRuns();
      const late = await newWorker(store);
      const runs = await Promise.all([1, 2, 3].map(() => app.create(store)));
      const claimed = await store.claimReady({ ...app.served, workerId: late.id, limit: 3 });
      const done = claimed.claimed[0]!;
      await done.writer.putState({ status: "completed" });
      const asleep = claimed.claimed[1]!;
      await asleep.writer.putState({ status: "waiting", why: '"for ann"' });
      await expire(late.id);
      const [suspect] = await suspectsOf(other, late.id);
      expect(await other.bury(suspect!)).toBe(true);

      expect(await other.run(done.run.runId)).toMatchObject({ status: "completed" });
      const left = runs.filter(({ runId }) => runId !== done.run.runId);
      for (const { runId } of left) {
        const run = { status: "queued", why: undefined, workerId: undefined, epoch: 1 };
        expect(await other.run(runId)).toMatchObject(run);
      }
      const order = { ...app.served, limit: 5 };
      const lost = { code: "WORKER_LOST", details: { workerId: late.id } };
      const again = store.claimReady({ ...order, workerId: late.id });
      await expect(again).rejects.toMatchObject(lost);
      await expect(store.claim(left[0]!.runId, late.id)).rejects.toMatchObject(lost);
      const next = await other.claimReady({ ...order, workerId: workers[1] });
      expect(next.claimed.map(({ run }) => run.runId).sort()).toEqual(
        left.map(({ runId }) => runId).sort(),
      );
      await expect(asleep.writer.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
    });

    it("puts no run to sleep with what it still has to say", async () => {
      const { stores, workers, expire } = given();
      const [store, other] = stores;
      for (const status of ["running", "waiting", "queued"] as const) {
        const app = appOfRuns();
        const { runId } = await app.create(store);
        const late = await newWorker(store);
        const writer = writerOf(await store.claim(runId, late.id));
        await expire(late.id);
        expect(await other.bury((await suspectsOf(other, late.id))[0]!)).toBe(true);
        await writer.putState({ status });
        const order = { ...app.served, workerId: workers[1], limit: 1 };
        const { claimed } = await other.claimReady(order);
        expect(claimed.map(({ run }) => run.runId)).toEqual([runId]);
      }
    });

    it("may end what it was about to end, as long as nobody has taken that up", async () => {
      const { stores, workers, expire } = given();
      const [store, other] = stores;
      const { runId } = await appOfRuns().create(store);
      const late = await newWorker(store);
      const writer = writerOf(await store.claim(runId, late.id));
      await expire(late.id);
      await other.bury((await suspectsOf(other, late.id))[0]!);
      await writer.putState({ status: "completed" });
      expect(await other.claim(runId, workers[1])).toEqual({ is: "over", status: "completed" });
    });

    it("is not buried when it has told since that it lives", async () => {
      const { stores, workers, expire } = given();
      const [store, other] = stores;
      const { runId } = await appOfRuns().create(store);
      const late = await newWorker(store, { leaseMs: 900 });
      await store.claim(runId, late.id);
      await expire(late.id);
      const [suspect] = await suspectsOf(other, late.id);
      const isBack = async () =>
        (await other.workers()).some(({ id, expiresInMs }) => id === late.id && expiresInMs > 0);
      while (!(await isBack())) await sleep(10);
      expect(await other.bury({ ...suspect!, workerId: late.id })).toBe(false);
      expect(await other.claim(runId, workers[1])).toMatchObject({ is: "held" });
    });

    it("hears that it was buried, with its next beat", async () => {
      const { stores, expire } = given();
      const [store, other] = stores;
      const late = await newWorker(store, { leaseMs: 900 });
      const suspect = { workerId: late.id, beats: 0, why: "expired" } as const;
      for (;;) {
        await expire(late.id);
        if (await other.bury(suspect)) break; // Else it has just beaten.
      }
      await late.buried;
      expect((await other.workers()).map(({ id }) => id)).not.toContain(late.id);
      await late.presence.leave();
    });
  });

  describe("a worker that lives", () => {
    it("cannot be buried as expired", async () => {
      const [store, other] = given().stores;
      const { id } = await newWorker(store);
      expect(await other.bury({ workerId: id, beats: 0, why: "expired" })).toBe(false);
      expect(await other.bury({ workerId: newId(), beats: 0, why: "expired" })).toBe(false);
      expect((await other.workers()).map((worker) => worker.id)).toContain(id);
    });
  });
}
