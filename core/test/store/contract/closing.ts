import { describe, expect, it } from "vitest";
import { newId } from "../../../src/store/index.ts";
import { collect, newRun } from "../../support/runs.ts";
import type { Processes } from "./describe-store.ts";

const CLOSED = { code: "STORE_CLOSED" };

export function describeClosing(given: () => Processes): void {
  describe("a store that is closed", () => {
    it("has settled everything that was queued, and keeps it", async () => {
      const { stores, another } = given();
      const store = await another();
      const runs = await Promise.all([1, 2, 3].map(() => newRun(store)));
      const writers = await Promise.all(runs.map(({ runId }) => store.takeOver(runId)));
      let settled = 0;
      const queued = writers.flatMap((writer) =>
        Array.from({ length: 300 }, (_, index) => [
          writer.append({ entry: "started", input: [`"${index}"`] }).durable,
          writer.putSession("thread", { value: { text: `${index}` } }),
        ]).flat(),
      );
      for (const each of queued) each.then(() => (settled += 1));
      await store.close();
      expect(settled).toBe(queued.length);
      for (const { runId, spaceId } of runs) {
        expect(await collect(stores[0].journal(runId))).toHaveLength(300);
        expect(await stores[0].session(spaceId, "thread")).toMatchObject({ value: "299" });
      }
    });

    it("settles also what it has to refuse", async () => {
      const { stores, another } = given();
      const store = await another();
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      await stores[0].takeOver(runId);
      const late = [1, 2, 3].map(() => writer.append({ entry: "late" }).durable);
      let refused = 0;
      for (const each of late) each.catch(() => (refused += 1));
      await store.close();
      expect(refused).toBe(3);
      expect(writer.lost).toMatchObject({ code: "RUN_TAKEN_OVER" });
    });

    it("has answered what it was asked before, or says that it was closed", async () => {
      const { another } = given();
      for (let turns = 0; turns < 4; turns += 1) {
        const store = await another();
        const { runId, spaceId } = await newRun(store);
        const asked = [
          store.takeOver(runId),
          store.createRun({ runId: newId(), namespace: "test", app: "app" }),
          store.say(runId, { key: "k", kind: "cancel" }),
          store.said(runId),
          collect(store.journal(runId)),
          store.session(spaceId, "thread"),
          store.pruneRun(runId),
          store.deleteSpace(spaceId),
        ];
        const answers = Promise.allSettled(asked);
        for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
        await store.close();
        const refused = (await answers).flatMap((each) =>
          each.status === "rejected" ? each.reason.code : [],
        );
        expect(["RUN_NOT_FOUND", "STORE_CLOSED"]).toEqual(expect.arrayContaining(refused));
      }
    });

    it("says so, whatever it is asked", async () => {
      const store = await given().another();
      const { runId, spaceId } = await newRun(store);
      const writer = await store.takeOver(runId);
      await store.close();
      await store.close();
      const worker = { id: newId(), leaseMs: 1, host: "here", pid: 1 };
      const served = { namespace: "test", apps: ["app"], queues: ["default"] };
      const asked = [
        store.createRun({ runId: newId(), namespace: "test", app: "app" }),
        store.run(runId),
        store.enter(worker, { buried: () => {}, noticed: () => {} }),
        store.workers(),
        store.suspects(worker),
        store.bury({ workerId: newId(), beats: 0, why: "expired" }),
        store.claim(runId, newId()),
        store.claimReady({ ...served, workerId: newId(), limit: 1 }),
        store.unblock(served),
        store.runs({ namespace: "test", limit: 1 }),
        store.deploy({ namespace: "test", name: "app", framework: "adk", version: "1" }),
        store.apps("test"),
        store.standings([runId]),
        store.takeOver(runId),
        store.waits(runId),
        store.waitsForEnd(),
        store.heard([{ runId, after: 0 }]),
        collect(store.journal(runId)),
        store.list(spaceId, "00".repeat(32)),
        store.session(spaceId, "thread"),
        store.say(runId, { key: "k", kind: "cancel" }),
        store.said(runId),
        store.pruneRun(runId),
        store.deleteSpace(spaceId),
        store.sweepDeleted(),
        writer.append({ entry: "late" }).durable,
        writer.putSession("thread", {}),
        writer.putState({ status: "completed" }),
        writer.openWait({ seq: 1, kind: "timer", name: "later", fingerprint: "f" }),
        writer.closeWait(1),
      ];
      for (const each of await Promise.allSettled(asked)) {
        expect(each).toMatchObject({ status: "rejected", reason: CLOSED });
      }
    });

    it("takes no process down with an entry that nobody waits for", async () => {
      const store = await given().another();
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      await store.close();
      const unhandled: unknown[] = [];
      const listen = (reason: unknown) => unhandled.push(reason);
      process.on("unhandledRejection", listen);
      writer.append({ entry: "late" });
      await new Promise((resolve) => setImmediate(resolve));
      process.off("unhandledRejection", listen);
      expect(unhandled).toEqual([]);
    });

    it("leaves its runs to others", async () => {
      const { stores, another } = given();
      const store = await another();
      const { runId } = await newRun(store);
      const writer = await store.takeOver(runId);
      await writer.append({ entry: "first" }).durable;
      await store.close();
      const next = await stores[0].takeOver(runId);
      await next.append({ entry: "second" }).durable;
      expect((await collect(stores[0].journal(runId))).map(({ entry }) => entry)).toEqual([
        "first",
        "second",
      ]);
    });
  });
}
