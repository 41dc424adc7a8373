import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newId, type Run, type Store } from "../../../src/store/index.ts";
import { enter, MINUTE, writerOf } from "../../support/workers.ts";
import { type AppOfRuns, appOfRuns } from "./app-of-runs.ts";
import type { Processes } from "./describe-store.ts";

export function describeReadiness(given: () => Processes): void {
  describe("runs that are ready", () => {
    const idsOf = (runs: readonly { readonly run: Run }[]) => runs.map(({ run }) => run.runId);
    const inOrder = (ids: readonly string[]) => [...ids].sort();

    it("are claimed as the worker's own, each with its writer", async () => {
      const {
        stores: [store, other],
        workers: [workerId],
      } = given();
      const app = appOfRuns();
      const opening = [{ entry: "opened" }];
      const { runId, spaceId } = await app.create(other, { opening });
      const { claimed } = await store.claimReady({ ...app.served, workerId, limit: 5 });
      expect(idsOf(claimed)).toEqual([runId]);
      const { run, writer } = claimed[0]!;
      const state = { status: "running", epoch: 1, workerId, readyInMs: undefined } as const;
      expect(run).toMatchObject({ runId, spaceId, queue: "default", ...state });
      expect(await other.run(runId)).toEqual(run);
      expect(writer).toMatchObject({ runId, spaceId, epoch: 1, lastSeq: 1 });
      await writer.append({ entry: "started" }).durable;
      const nothing = { claimed: [], nextInMs: undefined };
      expect(await other.claimReady({ ...app.served, workerId, limit: 5 })).toEqual(nothing);
    });

    it("are claimed by who serves them: their app, their queue, their namespace", async () => {
      const {
        stores: [store],
        workers: [workerId],
      } = given();
      const app = appOfRuns();
      const { namespace } = app.served;
      const places = [
        { app: "a", queue: "default" },
        { app: "a", queue: "slow" },
        { app: "b", queue: "default" },
        { app: "b", queue: "slow" },
      ];
      const ids = [];
      for (const place of places) ids.push((await app.create(store, place)).runId);
      const claim = async (apps: string[], queues: string[], where = namespace) =>
        idsOf(
          (await store.claimReady({ namespace: where, apps, queues, workerId, limit: 9 })).claimed,
        );
      expect(await claim(["a", "b"], ["default", "slow"], newId())).toEqual([]);
      expect(await claim(["c"], ["default", "slow"])).toEqual([]);
      expect(await claim([], ["default"])).toEqual([]);
      expect(await claim(["a", "c"], ["default"])).toEqual([ids[0]]);
      expect(await claim(["b"], ["slow", "other"])).toEqual([ids[3]]);
      expect(inOrder(await claim(["b", "a"], ["slow", "default"]))).toEqual(
        inOrder([ids[1]!, ids[2]!]),
      );
    });

    it("are claimed in the order in which they became ready, as many as there is room for", async () => {
      const {
        stores: [store],
        workers: [workerId],
      } = given();
      const app = appOfRuns();
      const ids: string[] = [];
      for (let n = 0; n < 9; n += 1) {
        const place = { app: `app ${n % 2}`, queue: `queue ${n % 3}` };
        ids.push((await app.create(store, place)).runId);
        await sleep(2); // Memory counts milliseconds.
      }
      const served = {
        namespace: app.served.namespace,
        apps: ["app 0", "app 1"],
        queues: ["queue 2", "queue 1", "queue 0"],
      };
      for (const from of [0, 4]) {
        const { claimed, nextInMs } = await store.claimReady({ ...served, workerId, limit: 4 });
        expect(inOrder(idsOf(claimed))).toEqual(inOrder(ids.slice(from, from + 4)));
        expect(nextInMs).toBe(0);
      }
      const last = await store.claimReady({ ...served, workerId, limit: 4 });
      expect(idsOf(last.claimed)).toEqual(ids.slice(8));
      expect(last.nextInMs).toBeUndefined();
    });

    it("go to one worker each, however many reach for them at once", async () => {
      const { stores, workers } = given();
      const app = appOfRuns();
      const ids = await Promise.all(
        Array.from({ length: 80 }, async (_, n) => (await app.create(stores[n % 4]!)).runId),
      );
      const claimed = await Promise.all(
        stores.map(async (store, by) => {
          const mine: string[] = [];
          for (;;) {
            const order = { ...app.served, workerId: workers[by]!, limit: 1 + by };
            const ready = await store.claimReady(order);
            for (const { run, writer } of ready.claimed) {
              expect(run).toMatchObject({ workerId: workers[by], epoch: 1 });
              await writer.append({ entry: "started" }).durable;
            }
            mine.push(...idsOf(ready.claimed));
            if (ready.nextInMs === undefined) return mine;
          }
        }),
      );
      expect(inOrder(claimed.flat())).toEqual(inOrder(ids));
    });

    it("are none of a worker that is not known", async () => {
      const [store] = given().stores;
      const app = appOfRuns();
      const { runId } = await app.create(store);
      const left = await enter(store);
      await left.presence.leave();
      for (const workerId of [newId(), left.id]) {
        for (const served of [app.served, appOfRuns().served]) {
          const claim = store.claimReady({ ...served, workerId, limit: 1 });
          const lost = { code: "WORKER_LOST", details: { workerId } };
          await expect(claim).rejects.toMatchObject(lost);
        }
      }
      expect(await store.run(runId)).toMatchObject({ epoch: 0, status: "queued" });
    });
  });

  describe("a run", () => {
    /** How it stands: to be claimed now, later or not by itself. */
    async function claimable(store: Store, app: AppOfRuns, workerId: string, runId: string) {
      const { claimed, nextInMs } = await store.claimReady({ ...app.served, workerId, limit: 1 });
      if (claimed.length > 0) return "now";
      const readyInMs = (await store.run(runId))!.readyInMs;
      expect(readyInMs === undefined).toBe(nextInMs === undefined);
      if (readyInMs === undefined) return "not by itself";
      expect(Math.abs(readyInMs - nextInMs!)).toBeLessThan(5_000);
      return readyInMs > 10_000 ? "later" : "in a while";
    }

    it.each([
      ["that was made ready", {}, "now"],
      ["that was made for its maker", { ready: false }, "in a while"],
    ] as const)("%s", async (_, how, when) => {
      const { stores, workers } = given();
      const app = appOfRuns();
      const { runId } = await app.create(stores[0], how);
      expect(await claimable(stores[1], app, workers[1], runId)).toBe(when);
    });

    it("that was taken over is queued, and left alone for a while", async () => {
      const { stores, workers } = given();
      const app = appOfRuns();
      const { runId } = await app.create(stores[0]);
      const writer = await stores[0].takeOver(runId);
      expect(await stores[1].run(runId)).toMatchObject({ status: "queued", workerId: undefined });
      expect(await claimable(stores[1], app, workers[1], runId)).toBe("in a while");
      await writer.putState({ status: "waiting" });
      expect(await claimable(stores[1], app, workers[1], runId)).toBe("in a while");
      await writer.putState({ status: "queued", release: true });
      expect(await claimable(stores[1], app, workers[1], runId)).toBe("now");
    });

    it("that is over can be taken over, and is queued then", async () => {
      const { stores, workers } = given();
      const app = appOfRuns();
      const { runId } = await app.create(stores[0]);
      const writer = await stores[0].takeOver(runId);
      await writer.putState({ status: "failed" });
      expect(await claimable(stores[1], app, workers[1], runId)).toBe("not by itself");
      await stores[0].takeOver(runId);
      expect(await claimable(stores[1], app, workers[1], runId)).toBe("in a while");
    });

    it.each([
      ["is held", { status: "queued" }, "not by itself"],
      ["is held, waiting", { status: "waiting" }, "not by itself"],
      ["is let go of", { status: "queued", release: true }, "now"],
      ["is let go of for later", { status: "queued", release: true, readyInMs: MINUTE }, "later"],
      ["is let go of while it runs", { status: "running", release: true }, "now"],
      ["is let go of, waiting", { status: "waiting", release: true }, "not by itself"],
      ["is over", { status: "completed", release: true }, "not by itself"],
    ] as const)("that %s is claimed %#", async (_, state, when) => {
      const { stores, workers } = given();
      const app = appOfRuns();
      const { runId } = await app.create(stores[0]);
      await writerOf(await stores[0].claim(runId, workers[0])).putState(state);
      expect(await claimable(stores[1], app, workers[1], runId)).toBe(when);
    });

    it("that was let go of stays so, and as ready as that made it, whatever is put beside it", async () => {
      const { stores, workers } = given();
      for (const release of [
        { status: "waiting", heardUpTo: 0 },
        { status: "queued", readyInMs: 0 },
      ] as const) {
        const app = appOfRuns();
        const { runId } = await app.create(stores[0]);
        const writer = writerOf(await stores[0].claim(runId, workers[0]));
        await stores[1].say(runId, { key: "k", kind: "signal" });
        const { status } = release;
        await Promise.all([
          writer.putState({ ...release, release: true }),
          writer.putState({ status, why: '"more"' }),
        ]);
        expect(await stores[1].run(runId)).toMatchObject({ workerId: undefined, why: '"more"' });
        expect(await claimable(stores[1], app, workers[1], runId)).toBe("now");
      }
    });
  });

  describe("a run that waits for more than an answer", () => {
    const block = async (store: Store, workerId: string, runId: string, blocked: string) => {
      const writer = writerOf(await store.claim(runId, workerId));
      await writer.openWait({ seq: 1, kind: "timer", name: "later", fingerprint: "f", dueInMs: 0 });
      await writer.putState({ status: "waiting", release: true, blocked });
    };

    it("is not ready when something falls due, and says what is wrong with it", async () => {
      const {
        stores: [store],
        workers: [workerId],
      } = given();
      const app = appOfRuns();
      const { runId } = await app.create(store);
      await block(store, workerId, runId, "divergence");
      expect(await store.run(runId)).toMatchObject({ blocked: "divergence", readyInMs: undefined });
      const nothing = { claimed: [], nextInMs: undefined };
      expect(await store.claimReady({ ...app.served, workerId, limit: 1 })).toEqual(nothing);
      const next = writerOf(await store.claim(runId, workerId));
      expect(await store.run(runId)).toMatchObject({ blocked: undefined });
      await next.putState({ status: "waiting", release: true });
      expect((await store.run(runId))!.readyInMs).toBeLessThanOrEqual(0);
    });

    it("is made ready for those who serve it anew, unless somebody paused it", async () => {
      const {
        stores: [store, other],
        workers: [workerId],
      } = given();
      const app = appOfRuns();
      const { namespace, apps, queues } = app.served;
      const ids = [];
      for (const [blocked, more] of [
        ["divergence", {}],
        ["options", {}],
        ["paused", {}],
        ["divergence", { app: "other" }],
        ["divergence", { queue: "slow" }],
      ] as const) {
        const { runId } = await app.create(store, more);
        await block(store, workerId, runId, blocked);
        ids.push(runId);
      }
      const held = await app.create(store);
      const writer = writerOf(await store.claim(held.runId, workerId));
      await writer.putState({ status: "waiting", blocked: "divergence" });

      expect(await other.unblock({ ...app.served, namespace: newId() })).toBe(0);
      expect(await other.unblock({ namespace, apps, queues })).toBe(2);
      expect(await other.unblock({ namespace, apps, queues })).toBe(0);
      const { claimed } = await store.claimReady({ ...app.served, workerId, limit: 9 });
      expect(claimed.map(({ run }) => run.runId).sort()).toEqual(ids.slice(0, 2).sort());
      expect(claimed.map(({ run }) => run.blocked)).toEqual([undefined, undefined]);
      expect(await store.run(held.runId)).toMatchObject({ workerId, readyInMs: undefined });
      expect(await other.unblock({ namespace, apps: ["other"], queues: ["slow", "default"] })).toBe(
        1,
      );
    });

    it("that is held when its worker leaves is simply queued", async () => {
      const [store] = given().stores;
      const { runId } = await appOfRuns().create(store);
      const { id, presence } = await enter(store);
      const writer = writerOf(await store.claim(runId, id));
      await writer.putState({ status: "waiting", blocked: "divergence" });
      await presence.leave();
      const run = { status: "queued", blocked: undefined, why: undefined };
      expect(await store.run(runId)).toMatchObject(run);
    });
  });
}
