import { describe, expect, it } from "vitest";
import { collect, newRun } from "../../support/runs.ts";
import { writerOf } from "../../support/workers.ts";
import type { Processes } from "./describe-store.ts";

export function describeStates(given: () => Processes): void {
  describe("the state of a run", () => {
    it("is what its owner put last, with the reason", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      await writer.putState({ status: "waiting", why: '"for ann"' });
      expect(await other.run(runId)).toMatchObject({ status: "waiting", why: '"for ann"' });
      await writer.putState({ status: "running" });
      expect(await other.run(runId)).toMatchObject({ status: "running", why: undefined });
      await Promise.all([
        writer.putState({ status: "waiting", why: '"first"' }),
        writer.append({ entry: "finished" }).durable,
        writer.putState({ status: "failed", why: '"last"' }),
      ]);
      expect(await other.run(runId)).toMatchObject({ status: "failed", why: '"last"', epoch: 1 });
    });

    it("is there with every entry that was appended before it", async () => {
      const { stores } = given();
      for (let round = 0; round < 20; round += 1) {
        const { runId } = await newRun(stores[0]);
        const writer = await stores[0].takeOver(runId);
        for (let n = 0; n < round; n += 1) writer.append({ entry: "started" });
        const put = writer.putState({ status: "completed" });
        writer.append({ entry: "after" });
        while ((await stores[1].run(runId))!.status !== "completed");
        const before = (await collect(stores[1].journal(runId))).filter(
          ({ entry }) => entry === "started",
        );
        expect(before).toHaveLength(round);
        await put;
      }
    });

    it("stays as the new owner has it, whatever the old one puts", async () => {
      const [zombie, worker] = given().stores;
      const { runId } = await newRun(zombie);
      const old = await zombie.takeOver(runId);
      await old.putState({ status: "waiting", why: '"old"' });
      const taken = await worker.takeOver(runId);
      expect(await worker.run(runId)).toMatchObject({ status: "queued", why: undefined });
      const late = [
        old.putState({ status: "completed", release: true }),
        old.openWait({ seq: 1, kind: "approval", name: "pay", fingerprint: "f" }),
        old.closeWait(1),
      ];
      for (const refused of late) {
        await expect(refused).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
      }
      expect(old.lost).toMatchObject({ code: "RUN_TAKEN_OVER" });
      expect(await worker.run(runId)).toMatchObject({ status: "queued", epoch: 2 });
      expect(await worker.waits(runId)).toEqual([]);
      await taken.putState({ status: "completed" });
      expect(await zombie.run(runId)).toMatchObject({ status: "completed" });
    });

    it("turned away takes no neighbour in the flush with it", async () => {
      const [zombie, worker] = given().stores;
      const runs = await Promise.all([newRun(zombie), newRun(zombie), newRun(zombie)]);
      const writers = await Promise.all(runs.map(({ runId }) => zombie.takeOver(runId)));
      await worker.takeOver(runs[1]!.runId);
      const results = await Promise.allSettled(
        writers.flatMap((writer) => [
          writer.append({ entry: "finished" }).durable,
          writer.putState({ status: "completed" }),
        ]),
      );
      const [stored, refused] = ["fulfilled", "rejected"];
      expect(results.map(({ status }) => status)).toEqual(
        [stored, refused, stored].flatMap((status) => [status, status]),
      );
      const statuses = await Promise.all(runs.map(({ runId }) => worker.run(runId)));
      expect(statuses.map((run) => run!.status)).toEqual(["completed", "queued", "completed"]);
    });

    it("can let go of the run, for good, and any worker may claim it", async () => {
      const { stores, workers } = given();
      const [store, other] = stores;
      const { runId } = await newRun(store);
      const writer = writerOf(await store.claim(runId, workers[0]));
      await writer.putState({ status: "waiting" });
      expect(await other.run(runId)).toMatchObject({ workerId: workers[0] });
      await Promise.all([
        writer.putState({ status: "waiting", release: true }),
        writer.putState({ status: "waiting", why: '"parked"' }),
      ]);
      expect(await other.run(runId)).toMatchObject({ workerId: undefined, why: '"parked"' });
      expect(await other.claim(runId, workers[1])).toMatchObject({ is: "mine" });
      expect(await other.run(runId)).toMatchObject({ status: "running", why: undefined });
    });

    it.each(["why", "blocked"])("refuses a reason that Postgres cannot hold: %s", async (field) => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      expect(() => writer.putState({ status: "failed", [field]: "\0" })).toThrow(
        expect.objectContaining({ code: "STORE_REFUSED_ROW", details: { runId, field } }),
      );
    });
  });
}
