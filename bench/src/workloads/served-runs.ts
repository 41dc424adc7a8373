/** Runs that are started by name here, and done by workers in other processes. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Runtime } from "@holdfast/core";
import { ask } from "../bench-server.ts";
import { here } from "../fleet/place.ts";
import { startWorker } from "../fleet/worker-process.ts";
import { type Contender, drive } from "../measure.ts";

const STARTS_AT_ONCE = 64;
const LOOK_MS = 10;

/** Milliseconds since `start()`, of one run after the other. */
interface Latencies {
  /** Its first step began. */
  readonly firstStep: readonly number[];
  /** Whoever started it has its result. */
  readonly result: readonly number[];
}

export interface Served {
  /** Runs that do nothing, started as fast as that goes, until all of them are done. */
  readonly throughput: Contender;
  latencies(count: number): Promise<Latencies>;
  close(): Promise<void>;
}

export interface Starter {
  readonly runtime: Runtime;
  readonly url: string;
}

/** @param hints whether the workers hear hints, or look for runs by themselves only */
export async function served(
  { runtime, url }: Starter,
  { workers, hints = true }: { readonly workers: number; readonly hints?: boolean },
): Promise<Served> {
  const app = `${workers} ${hints ? "hearing" : "deaf"}`;
  // Where nobody answers: such a worker has no session, and hears nothing.
  const deaf = { HOLDFAST_DATABASE_URL_DIRECT: "postgres://127.0.0.1:1/nobody" };
  const env = { HOLDFAST_BENCH_APP: app, ...(hints ? {} : deaf) };
  const processes = await Promise.all(
    Array.from({ length: workers }, () =>
      startWorker({ program: "quick.ts", place: here(url), env }),
    ),
  );
  const isDone = async () => {
    const [left] = await ask(
      url,
      `select 1 from holdfast.runs
       where app = '${app}' and (ready_at is not null or worker_id is not null) limit 1`,
    );
    return left === undefined;
  };
  return {
    throughput: {
      name: `runs started and done, workers: ${workers}`,
      async sample(ms) {
        const began = performance.now();
        const starts = await drive(STARTS_AT_ONCE, ms, () => runtime.start(app, null));
        const count = starts.rate * ((performance.now() - began) / 1000);
        while (!(await isDone())) await sleep(LOOK_MS);
        const rate = (count / (performance.now() - began)) * 1000;
        return { rate, p50: undefined, p99: undefined };
      },
    },
    async latencies(count) {
      const firstStep: number[] = [];
      const result: number[] = [];
      for (let nth = 0; nth < count; nth += 1) {
        const started = performance.timeOrigin + performance.now();
        const run = await runtime.start(`${app} began`, null);
        firstStep.push(((await run.result()) as number) - started);
        result.push(performance.timeOrigin + performance.now() - started);
        await sleep(Math.random() * 100);
      }
      return { firstStep, result };
    },
    async close() {
      await Promise.all(processes.map((process) => process.end()));
    },
  };
}
