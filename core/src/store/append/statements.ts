/**
 * The statements of an append, one text for every Postgres from 15 on. Keys are looked up pair by
 * pair, in their order, so that a flush costs what it holds, whatever else the tables hold, and two
 * flushes lock in one order. The text is the same for any number of keys: it is planned once.
 */
import { OVER_SQL } from "../run-status.ts";

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
const heldRuns = (columns: string, lock: "share" | "no key update" = "share") => `
    (select o.*
     from (select bucket, id from unnest($1::int[], $2::uuid[]) as k (bucket, id) order by 1, 2) k
     cross join lateral (
       select ${columns} from holdfast.runs x
       where x.bucket = k.bucket and x.run_id = k.id for ${lock}) o) r`;

const HELD_RUNS = heldRuns("x.bucket, x.run_id, x.space_id, x.epoch, x.sweeps");

/**
 * Sent first by a flush that writes the state of runs: all its runs at once, as strongly as any of
 * them will be needed. Two flushes that shared their runs first and then wrote to them would deadlock.
 */
export const LOCK_RUNS = {
  name: "holdfast_lock_runs_1",
  text: `select count(*) from ${heldRuns("x.run_id", "no key update")}`,
};

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

/** A wait that is there already counts as accepted: it was sent before. */
export const OPEN_WAITS = {
  name: "holdfast_open_waits_1",
  text: `
    with held as (
      select r.bucket, r.run_id, t.seq, t.kind, t.name, t.fingerprint, t.body, t.due_in
      from ${HELD_RUNS}
      join unnest($3::uuid[], $4::int[], $5::bigint[], $6::int[], $7::text[], $8::text[],
                  $9::text[], $10::text[], $11::float8[])
        as t (run_id, epoch, sweeps, seq, kind, name, fingerprint, body, due_in)
        on t.run_id = r.run_id and t.epoch = r.epoch and t.sweeps = r.sweeps
    ), opened as (
      insert into holdfast.waits (bucket, run_id, seq, kind, name, fingerprint, body, due_at)
      select bucket, run_id, seq, kind, name, fingerprint, body,
             now() + due_in * interval '1 ms'
      from held
      on conflict do nothing
    )
    select run_id, seq from held`,
};

/**
 * The waits of these numbers; all of the run where there is none. Found run by run and written by
 * key: an update that joins could be planned to read the whole table.
 */
export const CLOSE_WAITS = {
  name: "holdfast_close_waits_1",
  text: `
    with held as (
      select r.bucket, r.run_id, t.seq
      from ${HELD_RUNS}
      join unnest($3::uuid[], $4::int[], $5::bigint[], $6::int[]) as t (run_id, epoch, sweeps, seq)
        on t.run_id = r.run_id and t.epoch = r.epoch and t.sweeps = r.sweeps
    ), closed as (
      insert into holdfast.waits (bucket, run_id, seq, kind, name, fingerprint, closed_at)
      select distinct w.bucket, w.run_id, w.seq, w.kind, w.name, w.fingerprint, now()
      from held h
      cross join lateral (
        select * from holdfast.waits w
        where w.bucket = h.bucket and w.run_id = h.run_id and w.closed_at is null
          and (h.seq is null or w.seq = h.seq)) w
      on conflict (bucket, run_id, seq) do update set closed_at = excluded.closed_at
    )
    select run_id, seq from held`,
};

/** When one of its waits falls due about which nobody has said anything. */
const NEXT_DUE = `
    (select min(w.due_at) from holdfast.waits w
     where w.bucket = r.bucket and w.run_id = r.run_id and w.closed_at is null
       and not exists (select 1 from holdfast.control c
                       where c.bucket = w.bucket and c.run_id = w.run_id
                         and c.key = 'wait/' || w.seq))`;

/**
 * Written by key, as waits are; every row is there, since it is held. What is said to the run meanwhile
 * waits for this, and finds it waiting; what was said before is in `said`, whatever its owner heard. A
 * run that is not let go of stays as ready as it is: not at all while a worker holds it, and for others
 * to claim if its worker was taken for dead.
 */
export const WRITE_STATES = {
  name: "holdfast_write_states_2",
  text: `
    insert into holdfast.runs
      (bucket, run_id, space_id, namespace, app, sweeps, status, why, worker_id, blocked, ready_at)
    select r.bucket, r.run_id, r.space_id, r.namespace, r.app, r.sweeps, t.status, t.why,
           case when not t.release and t.status not in (${OVER_SQL}) then r.worker_id end, t.blocked,
           case
             when t.status in (${OVER_SQL}) then null
             when not t.release then
               coalesce(r.ready_at, case when r.worker_id is null and t.status <> 'waiting' then now() end)
             when t.status = 'waiting' then
               case when r.said > t.heard then now() when t.blocked is null then ${NEXT_DUE} end
             else now() + t.ready_in * interval '1 ms'
           end
    from ${heldRuns("x.*", "no key update")}
    join unnest($3::uuid[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::boolean[],
                $9::float8[], $10::int[], $11::text[])
      as t (run_id, epoch, sweeps, status, why, release, ready_in, heard, blocked)
      on t.run_id = r.run_id and t.epoch = r.epoch and t.sweeps = r.sweeps
    on conflict (bucket, run_id) do update
      set status = excluded.status, why = excluded.why, worker_id = excluded.worker_id,
          blocked = excluded.blocked, ready_at = excluded.ready_at
    returning run_id`,
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
