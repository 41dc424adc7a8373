import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newId, type Run, type RunFilter, type Store } from "../../../src/store/index.ts";
import { newWorker, writerOf } from "../../support/workers.ts";
import { appOfRuns } from "./app-of-runs.ts";
import type { Processes } from "./describe-store.ts";

/** All pages, one after the other. */
async function pages(store: Store, filter: RunFilter): Promise<readonly Run[]> {
  const all: Run[] = [];
  for (let before: Run | undefined; ; before = all.at(-1)) {
    const page = await store.runs({ ...filter, ...(before && { before }) });
    expect(page.length).toBeLessThanOrEqual(filter.limit);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

export function describeRunList(given: () => Processes): void {
  describe("the list of runs", () => {
    it("has the newest first, each as it is", async () => {
      const {
        stores: [store, other],
        workers: [worker],
      } = given();
      const app = appOfRuns();
      const { namespace } = app.served;
      const runs: Run[] = [];
      for (let n = 0; n < 3; n += 1) {
        runs.unshift(await app.create(store));
        await sleep(2);
      }
      await writerOf(await store.claim(runs[0]!.runId, worker)).putState({
        status: "waiting",
        why: '"for ann"',
      });
      const listed = await other.runs({ namespace, limit: 10 });
      expect(listed.map(({ runId }) => runId)).toEqual(runs.map(({ runId }) => runId));
      const first = { status: "waiting", why: '"for ann"', epoch: 1, workerId: worker };
      expect(listed[0]).toMatchObject(first);
    });

    it("shows each run once, whatever the size of its pages and however many began at once", async () => {
      const [store, ...others] = given().stores;
      const app = appOfRuns();
      const { namespace } = app.served;
      const made = await Promise.all(
        Array.from({ length: 60 }, (_, n) => app.create(others[n % 3]!)),
      );
      for (const limit of [1, 7, 100]) {
        const listed = await pages(store, { namespace, limit });
        expect(listed.map(({ runId }) => runId).sort()).toEqual(
          made.map(({ runId }) => runId).sort(),
        );
      }
    });

    it("can be of one app and one status", async () => {
      const {
        stores: [store],
        workers: [worker],
      } = given();
      const app = appOfRuns();
      const { namespace } = app.served;
      const runs = [];
      for (const name of ["a", "b", "a", "b"]) runs.push(await app.create(store, { app: name }));
      for (const { runId } of runs.slice(2)) await store.claim(runId, worker);
      const [a, b, busyA, busyB] = runs.map(({ runId }) => runId);
      const list = async (filter: Partial<RunFilter>) =>
        (await pages(store, { namespace, limit: 3, ...filter })).map(({ runId }) => runId).sort();
      expect(await list({ app: "a" })).toEqual([a, busyA].sort());
      expect(await list({ status: "running" })).toEqual([busyA, busyB].sort());
      expect(await list({ app: "b", status: "queued" })).toEqual([b]);
      expect(await list({ app: "c" })).toEqual([]);
      expect(await list({ namespace: newId() })).toEqual([]);
    });
  });

  describe("the standing of runs", () => {
    it("is told in one look, of those that are there", async () => {
      const { stores, workers, expire } = given();
      const [store, other] = stores;
      const app = appOfRuns();
      const runs = await Promise.all([1, 2, 3, 4].map(() => app.create(store)));
      const [queued, held, orphaned, done] = runs.map(({ runId }) => runId);
      const late = await newWorker(store);
      await store.claim(held!, workers[0]);
      await store.claim(orphaned!, late.id);
      await expire(late.id);
      const writer = writerOf(await store.claim(done!, workers[0]));
      await writer.putState({ status: "completed" });
      const standings = await other.standings([...runs.map(({ runId }) => runId), newId()]);
      const byId = new Map(standings.map((standing) => [standing.runId, standing]));
      expect(standings).toHaveLength(4);
      const standing = (
        runId: string | undefined,
        status: string,
        epoch: number,
        isHeld: boolean,
      ) => expect(byId.get(runId!)).toEqual({ runId, status, epoch, isHeld });
      standing(queued, "queued", 0, false);
      standing(held, "running", 1, true);
      standing(orphaned, "running", 1, false);
      standing(done, "completed", 1, false);
      expect(await other.standings([])).toEqual([]);
    });
  });
}
