/** Runs that wait for a worker, and workers that only claim them. */
import { newId, openStore, type Presence, type Store } from "@holdfast/core/store";
import { ask } from "../bench-server.ts";
import type { Contender } from "../measure.ts";

const NAMESPACE = "bench";
const APP = "ready";
const LEASE_MS = 30_000;
/** As many as a worker has room for, if nothing else is said. */
const LIMIT = 32;
/** More than can be claimed in a sample. */
const RUNS_A_SECOND = 40_000;

interface Claimer {
  readonly store: Store;
  readonly workerId: string;
  readonly presence: Presence;
}

/** Claims of so many workers, each a store of its own in this process, from one queue. */
export async function claimsOnly(
  url: string,
  workers: number,
): Promise<Contender & { close(): Promise<void> }> {
  const claimers = await Promise.all(Array.from({ length: workers }, () => enter(url)));
  return {
    name: `claims, workers: ${workers}`,
    async sample(ms) {
      await addReadyRuns(url, (RUNS_A_SECOND * ms) / 1000);
      const began = performance.now();
      let claimed = 0;
      const loop = async ({ store, workerId }: Claimer) => {
        const order = { workerId, namespace: NAMESPACE, apps: [APP], queues: ["default"] };
        while (performance.now() - began < ms) {
          const { length } = (await store.claimReady({ ...order, limit: LIMIT })).claimed;
          claimed += length;
        }
      };
      await Promise.all(claimers.map(loop));
      const rate = (claimed / (performance.now() - began)) * 1000;
      await ask(url, `delete from holdfast.runs where app = '${APP}'`);
      return { rate, p50: undefined, p99: undefined };
    },
    async close() {
      await Promise.all(claimers.map(({ store }) => store.close()));
    },
  };
}

async function enter(url: string): Promise<Claimer> {
  const store = await openStore({ database: url });
  const worker = { id: newId(), leaseMs: LEASE_MS, host: "bench", pid: process.pid };
  const presence = await store.enter(worker, { buried: () => {}, noticed: () => {} });
  return { store, workerId: worker.id, presence };
}

/** The bucket is the last ten bits of an id. */
async function addReadyRuns(url: string, count: number): Promise<void> {
  const ids = `select id, ('x' || right(id::text, 3))::bit(12)::int % 1024 as bucket
               from (select gen_random_uuid() as id from generate_series(1, ${count})) as fresh`;
  await ask(
    url,
    `insert into holdfast.runs (bucket, run_id, space_id, sweeps, namespace, app, ready_at)
     select bucket, id, id, 0, '${NAMESPACE}', '${APP}', now() from (${ids}) as ids`,
  );
  await ask(url, "vacuum (analyze) holdfast.runs");
}
