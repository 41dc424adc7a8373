/**
 * The statements of an append, one text for every Postgres from 15 on. Keys are looked up pair by
 * pair, in their order, so that a flush costs what it holds, whatever else the tables hold, and two
 * flushes lock in one order. The text is the same for any number of keys: it is planned once.
 */

/**
 * The spaces that take the content of a flush: living ones, as of the sweep its writer knows. Locked,
 * so that a sweep and a deletion wait for the flush, and a flush that waited for one sees it.
 */
const OPEN_SPACES = `
    (select o.*
     from (select bucket, id from unnest($1::int[], $2::uuid[]) as k (bucket, id) order by 1, 2) k
     cross join lateral (
       select x.bucket, x.space_id, x.sweeps from holdfast.spaces x
       where x.bucket = k.bucket and x.space_id = k.id and x.deleted_at is null for share) o) s`;

/** The runs that a flush writes to, locked for as long as it takes. */
const HELD_RUNS = `
    (select o.*
     from (select bucket, id from unnest($1::int[], $2::uuid[]) as k (bucket, id) order by 1, 2) k
     cross join lateral (
       select x.bucket, x.run_id, x.space_id, x.epoch, x.sweeps from holdfast.runs x
       where x.bucket = k.bucket and x.run_id = k.id for share) o) r`;

/** Sorted by key, so that two writers of the same items cannot deadlock. */
export const INSERT_ITEMS = {
  name: "holdfast_insert_items_1",
  text: `
    insert into holdfast.items (bucket, space_id, hash, body)
    select s.bucket, s.space_id, t.hash, t.body
    from ${OPEN_SPACES}
    join unnest($3::uuid[], $4::bigint[], $5::bytea[], $6::text[]) as t (space_id, sweeps, hash, body)
      on t.space_id = s.space_id and t.sweeps = s.sweeps
    order by s.bucket, s.space_id, t.hash
    on conflict do nothing`,
};

export const INSERT_LISTS = {
  name: "holdfast_insert_lists_1",
  text: `
    insert into holdfast.lists (bucket, space_id, hash, parent, keep, delta)
    select s.bucket, s.space_id, t.hash, t.parent, t.keep, t.delta
    from ${OPEN_SPACES}
    join unnest($3::uuid[], $4::bigint[], $5::bytea[], $6::bytea[], $7::int[], $8::bytea[])
      as t (space_id, sweeps, hash, parent, keep, delta)
      on t.space_id = s.space_id and t.sweeps = s.sweeps
    order by s.bucket, s.space_id, t.hash
    on conflict do nothing`,
};

/**
 * The fence. `for share` makes a takeover wait for an append in flight and an append wait for a
 * takeover in flight and then see its epoch. Without the lock late rows slip in behind a takeover.
 */
export const INSERT_STEPS = {
  name: "holdfast_insert_steps_1",
  text: `
    insert into holdfast.steps
      (bucket, run_id, seq, epoch, entry, step, kind, name, scope, call_id, hash, overlapped,
       input, body, item)
    select r.bucket, r.run_id, t.seq, t.epoch, t.entry, t.step, t.kind, t.name, t.scope,
           t.call_id, t.hash, t.overlapped, t.input, t.body, t.item
    from ${HELD_RUNS}
    join unnest($3::uuid[], $4::int[], $5::bigint[], $6::int[], $7::text[], $8::int[], $9::text[],
                $10::text[], $11::text[], $12::text[], $13::text[], $14::boolean[], $15::bytea[],
                $16::text[], $17::bytea[])
      as t (run_id, epoch, sweeps, seq, entry, step, kind, name, scope, call_id, hash, overlapped,
            input, body, item)
      on t.run_id = r.run_id and t.epoch = r.epoch and t.sweeps = r.sweeps
    on conflict do nothing
    returning run_id, seq`,
};

export const WRITE_SESSIONS = {
  name: "holdfast_write_sessions_1",
  text: `
    insert into holdfast.sessions (bucket, space_id, slot, list, body, item, run_id)
    select r.bucket, r.space_id, t.slot, t.list, t.body, t.item, r.run_id
    from ${HELD_RUNS}
    join unnest($3::uuid[], $4::int[], $5::bigint[], $6::text[], $7::bytea[], $8::text[], $9::bytea[])
      as t (run_id, epoch, sweeps, slot, list, body, item)
      on t.run_id = r.run_id and t.epoch = r.epoch and t.sweeps = r.sweeps
    order by r.bucket, r.space_id, t.slot
    on conflict (bucket, space_id, slot) do update
      set list = excluded.list, body = excluded.body, item = excluded.item,
          run_id = excluded.run_id, at = excluded.at
    returning run_id, slot`,
};

/** Why a row was not accepted: where its run stands now, and what is at its place. */
export const PROBE = {
  name: "holdfast_probe_1",
  text: `
    select r.run_id, r.epoch, r.sweeps::float8 as sweeps, r.created_at::text as born, t.seq,
           s.epoch as written
    from unnest($1::int[], $2::uuid[], $3::int[]) as t (bucket, run_id, seq)
    join holdfast.runs r on r.bucket = t.bucket and r.run_id = t.run_id
    left join holdfast.steps s on s.bucket = t.bucket and s.run_id = t.run_id and s.seq = t.seq`,
};
