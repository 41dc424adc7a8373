/**
 * How long it takes after a worker is dead until another living one has got a step further with its
 * runs. By the clock of this process, from just before the kill until it sees the entry.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type RunHandle, Runtime } from "@holdfast/core";
import { bucketOf } from "@holdfast/core/store";
import pg from "pg";
import { type Host, openHosts } from "../fleet/hosts.ts";
import { here, type Place } from "../fleet/place.ts";
import { startWorker, type WorkerProcess } from "../fleet/worker-process.ts";
import { markdownTable, number } from "../markdown.ts";
import { quantile } from "../measure.ts";
import type { Suite } from "./suite.ts";

const RUNS = 8;
const LOOK_MS = 5;
/** A server that has just come up lets nobody be dead for as long as a lease. */
const SERVER_AGE_S = 12;
/** Cutting a host off takes a lease each time. */
const ROUNDS_A_CUT = 10;

/** Milliseconds after the kill. */
interface Takeover {
  readonly foundDead: number;
  readonly firstClaim: number;
  /** A step of one of its runs has ended on another worker, */
  readonly firstStep: number;
  /** and of each of them. */
  readonly lastStep: number;
  readonly why: string;
}

export const takeover: Suite = async (server, { rounds, hosts, progress }) =>
  server.withDatabase(async (url) => {
    await using opened = new AsyncDisposableStack();
    const places = hosts ? opened.use(await openHosts(url, 2)).hosts : [here(url), here(url)];
    const looker = new pg.Client({ connectionString: url });
    await looker.connect();
    opened.defer(() => looker.end());
    const runtime = new Runtime({ database: url });
    opened.defer(() => runtime.close());
    const fleet = new Fleet(places);
    opened.defer(() => fleet.end());

    const bench = { looker, runtime, fleet };
    const rows: string[][] = [];
    const measure = async (name: string, count: number, lose: (victim: Post) => unknown) => {
      const takeovers: Takeover[] = [];
      for (let round = 1; round <= count; round += 1) {
        takeovers.push(await takeoverAfter(bench, lose));
        const { firstStep, why } = takeovers.at(-1)!;
        progress(`takeover: ${name}, ${round} of ${count}: ${firstStep.toFixed(0)} ms (${why})`);
      }
      rows.push(row(name, takeovers));
    };
    await untilOld(looker);
    await measure(hosts ? "kill -9, another host" : "kill -9, same host", rounds, ({ worker }) =>
      worker!.kill(),
    );
    if (hosts) {
      const count = Math.ceil(rounds / ROUNDS_A_CUT);
      await measure("host cut off", count, ({ place }) => (place as Host).cut());
    }
    return ["## Takeover", markdownTable(HEAD, rows)].join("\n\n");
  });

const HEAD = [
  "ms after it",
  "rounds",
  "found dead p50",
  "claimed p50",
  "first new step p50",
  "p99",
  `last of ${RUNS} runs p50`,
  "known by",
];

function row(name: string, takeovers: readonly Takeover[]): string[] {
  const of = (which: (one: Takeover) => number, q: number): string =>
    number(quantile(takeovers.map(which), q), 0);
  return [
    name,
    number(takeovers.length, 0),
    of(({ foundDead }) => foundDead, 0.5),
    of(({ firstClaim }) => firstClaim, 0.5),
    of(({ firstStep }) => firstStep, 0.5),
    of(({ firstStep }) => firstStep, 0.99),
    of(({ lastStep }) => lastStep, 0.5),
    [...new Set(takeovers.map(({ why }) => why))].join(", "),
  ];
}

/** A place and the worker that is there, if there is one. */
interface Post {
  readonly place: Place;
  worker: WorkerProcess | undefined;
  /** The runs in the middle of whose step it is. */
  readonly holds: Set<string>;
}

class Fleet {
  readonly posts: readonly Post[];
  /** How the last death was known. */
  why = "";

  constructor(places: readonly Place[]) {
    this.posts = places.map((place) => ({ place, worker: undefined, holds: new Set() }));
  }

  /** Starts a worker where there is none. */
  async fill(): Promise<void> {
    await Promise.all(
      this.posts.map(async (post) => {
        const { place, holds } = post;
        post.worker ??= await startWorker({
          program: "holding.ts",
          place,
          hear: (news) => {
            if (news.is === "holding") holds.add(news.runId);
            if (news.is === "found dead") this.why = news.why;
          },
        });
      }),
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.posts.map(({ worker }) => worker?.end()));
  }
}

interface Bench {
  readonly looker: pg.Client;
  readonly runtime: Runtime;
  readonly fleet: Fleet;
}

async function takeoverAfter(
  { looker, runtime, fleet }: Bench,
  lose: (victim: Post) => unknown,
): Promise<Takeover> {
  await fleet.fill();
  const handles: RunHandle[] = [];
  for (let nth = 0; nth < RUNS; nth += 1) handles.push(await runtime.start("holding", null));
  while (fleet.posts.reduce((sum, { holds }) => sum + holds.size, 0) < RUNS) await sleep(10);
  // At any moment of what the others do now and then.
  await sleep(500 + Math.random() * 1000);

  const victim = fleet.posts.reduce((a, b) => (b.holds.size > a.holds.size ? b : a));
  const began = performance.now();
  const lost = lose(victim);
  const seen = await follow(looker, [...victim.holds], began);

  await lost;
  victim.worker!.kill();
  await victim.worker!.end();
  victim.worker = undefined;
  if ("heal" in victim.place) await (victim.place as Host).heal();
  for (const { worker, holds } of fleet.posts) {
    worker?.send("go on");
    holds.clear();
  }
  await Promise.all(handles.map((handle) => handle.result()));
  return { ...seen, why: fleet.why };
}

const LOOK = {
  name: "bench_look",
  text: `
    select count(w.worker_id)::int as holders, count(*) filter (where r.epoch > 1)::int as claimed,
           (count(*) filter (where exists (
             select 1 from holdfast.steps s where s.bucket = r.bucket and s.run_id = r.run_id
               and s.epoch > 1 and s.entry = 'finished')))::int as stepped
    from unnest($1::int[], $2::uuid[]) as k (bucket, run_id)
    join holdfast.runs r on r.bucket = k.bucket and r.run_id = k.run_id
    left join holdfast.workers w on w.worker_id = r.worker_id and r.epoch = 1`,
};

/** Looks every few milliseconds until all runs are a step further. */
async function follow(
  looker: pg.Client,
  runIds: readonly string[],
  began: number,
): Promise<Omit<Takeover, "why">> {
  const values = [runIds.map(bucketOf), runIds];
  let foundDead: number | undefined;
  let firstClaim: number | undefined;
  let firstStep: number | undefined;
  for (;;) {
    const { rows } = await looker.query<{ holders: number; claimed: number; stepped: number }>({
      ...LOOK,
      values,
    });
    const { holders, claimed, stepped } = rows[0]!;
    const now = performance.now() - began;
    if (holders === 0) foundDead ??= now;
    if (claimed > 0) firstClaim ??= now;
    if (stepped > 0) firstStep ??= now;
    if (stepped === runIds.length) {
      return {
        foundDead: foundDead!,
        firstClaim: firstClaim!,
        firstStep: firstStep!,
        lastStep: now,
      };
    }
    await sleep(LOOK_MS);
  }
}

async function untilOld(looker: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await looker.query<{ age: number }>(
      "select extract(epoch from now() - pg_postmaster_start_time())::float8 as age",
    );
    const age = rows[0]!.age;
    if (age >= SERVER_AGE_S) return;
    await sleep((SERVER_AGE_S - age) * 1000);
  }
}
