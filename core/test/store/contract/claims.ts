import { describe, expect, it } from "vitest";
import { type Claim, type JournalWriter, newId, type Store } from "../../../src/store/index.ts";
import { newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";

const WORKER = { host: "here", pid: 1 };
const LONG = 60_000;

/** A worker that lives for a minute. */
async function newWorker(store: Store, leaseMs = LONG): Promise<string> {
  const id = newId();
  await store.beat({ ...WORKER, id, leaseMs });
  return id;
}

function writerOf(claim: Claim): JournalWriter {
  if (claim.is !== "mine") throw new Error(`not claimed: ${JSON.stringify(claim)}`);
  return claim.writer;
}

export function describeClaims(given: () => Processes): void {
  describe("a claim", () => {
    it("gets a run that nobody holds, and says so to whoever asks", async () => {
      const [store, other] = given().stores;
      const worker = await newWorker(store);
      const { runId, spaceId } = await newRun(store);
      const writer = writerOf(await store.claim(runId, worker));
      expect(writer).toMatchObject({ runId, spaceId, epoch: 1, lastSeq: 0 });
      await writer.append({ entry: "started" }).durable;
      const run = { status: "running", workerId: worker, epoch: 1 };
      expect(await other.run(runId)).toMatchObject(run);
    });

    it("of many at once is one worker's, and the others learn whose", async () => {
      const { stores } = given();
      for (let round = 0; round < 15; round += 1) {
        const { runId } = await newRun(stores[0]);
        const workers = await Promise.all(stores.map((store) => newWorker(store)));
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
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const holder = await newWorker(store);
      const writer = writerOf(await store.claim(runId, holder));
      const refused = await other.claim(runId, await newWorker(other));
      expect(refused).toEqual({ is: "held", workerId: holder, expiresInMs: expect.any(Number) });
      if (refused.is === "held") {
        expect(refused.expiresInMs).toBeGreaterThan(LONG / 2);
        expect(refused.expiresInMs).toBeLessThanOrEqual(LONG);
      }
      await writer.append({ entry: "started" }).durable;
      expect(writer.lost).toBeUndefined();
    });

    it("gets the run of a worker whose lease is over, and fences that worker", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const late = await newWorker(store, 50);
      const old = writerOf(await store.claim(runId, late));
      await old.append({ entry: "old" }).durable;
      const worker = await newWorker(other);
      let claim = await other.claim(runId, worker);
      while (claim.is === "held") {
        expect(claim.workerId).toBe(late);
        claim = await other.claim(runId, worker);
      }
      expect(writerOf(claim)).toMatchObject({ epoch: 2, lastSeq: 1 });
      await store.beat({ ...WORKER, id: late, leaseMs: LONG });
      await expect(old.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
      expect(await store.claim(runId, late)).toMatchObject({ is: "held", workerId: worker });
    });

    it("is put off by a beat", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const holder = await newWorker(store, 0);
      await store.claim(runId, holder);
      await store.beat({ ...WORKER, id: holder, leaseMs: LONG });
      const claim = await other.claim(runId, await newWorker(other));
      expect(claim).toMatchObject({ is: "held", workerId: holder });
    });

    it("gets at once what a worker held that retired, or that never was", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const first = await newWorker(store);
      await store.claim(runId, first);
      await store.retire(first);
      const unknown = newId();
      expect(writerOf(await other.claim(runId, unknown)).epoch).toBe(2);
      expect(writerOf(await store.claim(runId, await newWorker(store))).epoch).toBe(3);
      await store.retire(first);
    });

    it("of the worker that holds the run already gets it again, and fences its earlier writer", async () => {
      const [store] = given().stores;
      const { runId } = await newRun(store);
      const worker = await newWorker(store);
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
        const [store, other] = given().stores;
        const { runId } = await newRun(store);
        const worker = await newWorker(store);
        const writer = writerOf(await store.claim(runId, worker));
        await writer.putState({ status, release: true });
        expect(await store.claim(runId, worker)).toEqual({ is: "over", status });
        expect(await other.claim(runId, await newWorker(other))).toEqual({ is: "over", status });
        expect(await other.run(runId)).toMatchObject({ status, epoch: 1 });
        expect((await other.takeOver(runId)).epoch).toBe(2);
        expect(await other.run(runId)).toMatchObject({ status: "running", workerId: undefined });
      },
    );

    it("takes no run from a takeover's hands unnoticed: it fences it", async () => {
      const [store, other] = given().stores;
      const { runId } = await newRun(store);
      const worker = await newWorker(store);
      const old = writerOf(await store.claim(runId, worker));
      const taken = await other.takeOver(runId);
      expect(await store.run(runId)).toMatchObject({ workerId: undefined });
      await expect(old.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
      expect(writerOf(await store.claim(runId, worker)).epoch).toBe(3);
      await expect(taken.append({ entry: "late" }).durable).rejects.toMatchObject({
        code: "RUN_TAKEN_OVER",
      });
    });

    it("takes over from the epoch that was seen, or not at all", async () => {
      const [store, other] = given().stores;
      const { runId, epoch } = await newRun(store);
      expect((await store.takeOver(runId, { epoch })).epoch).toBe(1);
      const worker = await newWorker(store);
      const owner = writerOf(await store.claim(runId, worker));
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
      for (const refused of [
        store.claim(there, id),
        store.beat({ ...WORKER, id, leaseMs: 1 }),
        store.retire(id),
      ]) {
        await expect(refused).rejects.toMatchObject({ code: "ID_INVALID", details: { id } });
      }
    });
  });
}
