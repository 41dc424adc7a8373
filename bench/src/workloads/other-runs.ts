/** Runs that nobody works on: plans that are fast in an empty database need not be so in a full one. */
import { ask } from "../bench-server.ts";

/** Adds `count` runs, each in a space of its own. The bucket is the last ten bits of an id. */
export async function addOtherRuns(url: string, count: number): Promise<void> {
  const ids = `select id, ('x' || right(id::text, 3))::bit(12)::int % 1024 as bucket
               from (select gen_random_uuid() as id from generate_series(1, ${count})) as fresh`;
  await ask(
    url,
    `with ids as materialized (${ids}),
       added as (insert into holdfast.spaces (bucket, space_id, namespace)
                 select bucket, id, 'bench' from ids)
     insert into holdfast.runs (bucket, run_id, space_id, sweeps, namespace, app)
     select bucket, id, id, 0, 'bench', 'other' from ids`,
  );
  await ask(url, "vacuum (analyze) holdfast.spaces");
  await ask(url, "vacuum (analyze) holdfast.runs");
}
