import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newId, type Store } from "../../../src/store/index.ts";
import { newRun } from "../../support/runs.ts";
import { enter, MINUTE, newWorker, writerOf } from "../../support/workers.ts";
import type { Processes } from "./describe-store.ts";

async function stateOf(store: Store, workerId: string) {
  return (await store.workers()).find(({ id }) => id === workerId);
}

export function describeWorkers(given: () => Processes): void {
  describe("a worker", () => {
    it("is known from when it enters until it leaves, with what it says it serves", async () => {
      const [store, other] = given().stores;
      const identity = { host: "there", pid: 7, process: "boot/namespace/7/42" };
      const { id, presence } = await newWorker(store, identity);
      const known = await stateOf(other, id);
      expect(known).toEqual({
        id,
        ...identity,
        expiresInMs: expect.any(Number),
        serves: undefined,
      });
      expect(known!.expiresInMs).toBeGreaterThan(MINUTE / 2);
      await presence.tell('{"apps":["support"]}');
      expect(await stateOf(other, id)).toMatchObject({ serves: '{"apps":["support"]}' });
      await presence.leave();
      await presence.leave();
      expect(await stateOf(other, id)).toBeUndefined();
    });

    it("goes on saying what it serves with every beat", async () => {
      const [store] = given().stores;
      const { id, presence } = await newWorker(store, { leaseMs: 900 });
      await presence.tell("[]");
      for (let beats = 0, left = 0; beats < 2; ) {
        const { expiresInMs, serves } = (await stateOf(store, id))!;
        expect(serves).toBe("[]");
        if (expiresInMs > left) beats += 1;
        left = expiresInMs;
        await sleep(10);
      }
    });

    it("leaves when its store is closed, and its runs are ready", async () => {
      const { stores, another } = given();
      const store = await another();
      const { id } = await enter(store);
      const { runId } = await newRun(store);
      await store.claim(runId, id);
      await store.close();
      expect(await stateOf(stores[0], id)).toBeUndefined();
      const run = await stores[0].run(runId);
      expect(run).toMatchObject({ status: "queued", workerId: undefined });
      expect(run!.readyInMs).toBeLessThanOrEqual(0);
    });

    it("that leaves keeps what it ended ended", async () => {
      const [store] = given().stores;
      const { id, presence } = await newWorker(store);
      const { runId } = await newRun(store);
      await writerOf(await store.claim(runId, id)).putState({ status: "failed" });
      await presence.leave();
      const run = { status: "failed", readyInMs: undefined };
      expect(await store.run(runId)).toMatchObject(run);
    });

    it("that was never there leaves no trace in what it asks", async () => {
      const [store] = given().stores;
      const suspects = await store.suspects({ id: newId(), leaseMs: 1, host: "here", pid: 1 });
      expect(suspects.filter(({ why }) => why === "expired")).toEqual([]);
    });
  });
}
