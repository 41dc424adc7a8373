/** Where the bytes of a database are: in which entries of journals, and in which other tables. */
import { ask } from "./bench-server.ts";

export interface Place {
  readonly name: string;
  /** Of rows, as they are stored, without indexes. */
  readonly bytes: number;
}

const TABLES = ["runs", "items", "lists", "sessions"];

/** The largest first. */
export async function bytesByPlace(url: string): Promise<readonly Place[]> {
  const rows = await ask<{ name: string; bytes: string }>(
    url,
    `with named as (
       select s, case when o.seq is null then s.entry when o.seq = s.seq then 'began: ' || o.kind
                 else s.entry || ': ' || o.kind end as name
       from holdfast.steps s
       left join holdfast.steps o on o.bucket = s.bucket and o.run_id = s.run_id
         and o.entry = 'started' and o.seq in (s.seq, s.step))
     select name, sum(pg_column_size(s)) as bytes from named group by name
     ${TABLES.map((table) => `union all select '${table}', sum(pg_column_size(t)) from holdfast.${table} t`).join(" ")}
     order by bytes desc nulls last`,
  );
  return rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes) }));
}
