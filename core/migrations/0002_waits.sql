-- Who works on a run, what state it is in and why, and what it waits for.

-- A worker lives until `expires_at`: what it holds is claimed when that is over or its row is gone.
create table holdfast.workers (
  worker_id  uuid        not null primary key,
  host       text        not null,
  pid        int         not null,
  beat_at    timestamptz not null default now(),
  expires_at timestamptz not null
);

alter table holdfast.runs
  add column worker_id uuid,                   -- who holds it, or held it last and is gone
  add column why       text;                   -- the reason of its status

-- What runs wait for: a projection of their journals, closed when it is answered or given up.
create table holdfast.waits (
  bucket      int         not null,
  run_id      uuid        not null,
  seq         int         not null,            -- of the entry that asks
  kind        text        not null,            -- approval, input, signal, timer, …
  name        text        not null,
  fingerprint text        not null,            -- of what is asked: an answer can be bound to it
  body        text,                            -- what is asked
  opened_at   timestamptz not null default now(),
  due_at      timestamptz,
  closed_at   timestamptz,
  primary key (bucket, run_id, seq)
);
create index waits_due on holdfast.waits (due_at) where closed_at is null and due_at is not null;
create index waits_open on holdfast.waits (opened_at) where closed_at is null;

alter table holdfast.control
  add column name text;                        -- whom or what it is for: of a signal

create view holdfast.open_waits as
  select w.run_id, r.app, w.kind, w.name, w.body, w.opened_at, w.due_at, w.seq,
         r.namespace, r.space_id, w.bucket
  from holdfast.waits w
  join holdfast.runs r on r.bucket = w.bucket and r.run_id = w.run_id
  where w.closed_at is null;

create or replace view holdfast.run_list as
  select r.run_id, r.app, r.status, r.namespace, sp.key as thread, r.created_at, r.epoch,
         (select count(*) from holdfast.steps s
          where s.bucket = r.bucket and s.run_id = r.run_id) as entries,
         r.parent_id, r.space_id, r.bucket, r.why
  from holdfast.runs r
  join holdfast.spaces sp on sp.bucket = r.bucket and sp.space_id = r.space_id;
