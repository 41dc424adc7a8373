-- Spaces, runs, their journals, and what was said in them.
--
-- Every table of a run begins its key with `bucket`, ten bits carried in the ids themselves, so the
-- same statements serve one Postgres and one that is split by bucket. No sequences, foreign keys,
-- triggers, functions, extensions or array columns. Bodies are `text` holding JSON: `jsonb` would
-- refuse \u0000 and lone surrogates, and one such value would spoil the batch it travels in.

-- What histories belong to: a thread or session, or else a single root run.
create table holdfast.spaces (
  bucket     int         not null,
  space_id   uuid        not null,
  namespace  text        not null,
  key        text,                             -- the thread or session as its user names it
  -- Raised by each prune, and never the same again, not even in a space made anew: see runs.sweeps.
  sweeps     bigint      not null default (extract(epoch from now()) * 1000000)::bigint,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,                      -- a tombstone: takes nothing more, swept later
  primary key (bucket, space_id)
);

create table holdfast.runs (
  bucket      int         not null,
  run_id      uuid        not null,
  space_id    uuid        not null,
  parent_id   uuid,
  namespace   text        not null,
  app         text        not null,
  status      text        not null default 'queued',
  epoch       int         not null default 0,  -- the fence: appends of an older epoch are refused
  sweeps      bigint      not null,            -- the second fence: what its writer knows to be stored
  created_at  timestamptz not null default now(),
  primary key (bucket, run_id)
) with (fillfactor = 70);
create index runs_recent on holdfast.runs (created_at desc, run_id desc);
-- Led by the id, or the planner takes it for a way to find a bucket's runs.
create index runs_of_space on holdfast.runs (space_id, bucket);

-- The journal: one row per entry, gapless from 1, append-only.
create table holdfast.steps (
  bucket     int         not null,
  run_id     uuid        not null,
  seq        int         not null,
  epoch      int         not null,             -- of the writer
  entry      text        not null,             -- started, finished, failed, …
  step       int,                              -- seq of the `started` entry this one is about
  kind       text,                             -- model, tool, node, …
  name       text,
  scope      text,
  call_id    text,                             -- the framework's own id of the call
  hash       text,                             -- of the normalised input
  overlapped boolean     not null default false, -- another of its scope, kind and name was under way
  input      bytea,                            -- a list: everything the step was given
  body       text,                             -- a small value, or
  item       bytea,                            -- the item that holds a large or a shared one
  at         timestamptz not null default now(),
  primary key (bucket, run_id, seq)
);

-- Everything said, once per space, under the hash of its text.
create table holdfast.items (
  bucket   int   not null,
  space_id uuid  not null,
  hash     bytea not null,
  body     text  not null,
  primary key (bucket, space_id, hash)
);

-- Ordered lists of items (inputs, checkpoints, session histories), each told as a difference:
-- the first `keep` items of `parent`, then the 32-byte hashes in `delta`.
create table holdfast.lists (
  bucket   int         not null,
  space_id uuid        not null,
  hash     bytea       not null,               -- of the item hashes it stands for, in order
  parent   bytea,
  keep     int         not null,
  delta    bytea       not null,
  at       timestamptz not null default now(),
  primary key (bucket, space_id, hash)
);

-- State that outlives a run: a framework's thread, session or checkpoint, by name.
create table holdfast.sessions (
  bucket   int         not null,
  space_id uuid        not null,
  slot     text        not null,
  list     bytea,
  body     text,
  item     bytea,
  run_id   uuid        not null,               -- who wrote it last
  at       timestamptz not null default now(),
  primary key (bucket, space_id, slot)
);

-- What others than the owner of a run say to it: decisions, signals, cancel, pause. Write-once:
-- the first writer of a key wins. `seq` is gapless and in commit order: a cursor can follow it.
create table holdfast.control (
  bucket int         not null,
  run_id uuid        not null,
  key    text        not null,
  seq    int         not null,
  kind   text        not null,
  body   text,
  author text,
  at     timestamptz not null default now(),
  primary key (bucket, run_id, key),
  unique (bucket, run_id, seq)
);

-- Views for people who query. Bodies are JSON text; sealed ones show that they are.
create view holdfast.journal as
  select s.run_id, s.seq, s.at, s.epoch, s.entry, s.step, s.kind, s.name, s.scope,
         coalesce(s.body, i.body) as body, encode(s.input, 'hex') as input_list,
         r.app, r.namespace, r.space_id, s.bucket
  from holdfast.steps s
  join holdfast.runs r on r.bucket = s.bucket and r.run_id = s.run_id
  left join holdfast.items i
    on i.bucket = s.bucket and i.space_id = r.space_id and i.hash = s.item;

-- One row per item of a step's input, in order. Ask for one run or one step: each row of the
-- journal walks its own list.
create view holdfast.inputs as
  select s.run_id, s.seq, w.position, i.body, r.space_id, s.bucket
  from holdfast.steps s
  join holdfast.runs r on r.bucket = s.bucket and r.run_id = s.run_id
  cross join lateral (
    with recursive chain as (
      select l.parent, l.keep, l.delta, l.keep + length(l.delta) / 32 as upto
      from holdfast.lists l
      where l.bucket = s.bucket and l.space_id = r.space_id and l.hash = s.input
      union all
      select p.parent, least(p.keep, c.keep), p.delta, c.keep
      from chain c
      join holdfast.lists p
        on p.bucket = s.bucket and p.space_id = r.space_id and p.hash = c.parent
      where c.keep > 0
    )
    select c.keep + o as position, substr(c.delta, o * 32 + 1, 32) as hash
    from chain c cross join lateral generate_series(0, c.upto - c.keep - 1) as o
  ) w
  join holdfast.items i
    on i.bucket = s.bucket and i.space_id = r.space_id and i.hash = w.hash;

create view holdfast.run_list as
  select r.run_id, r.app, r.status, r.namespace, sp.key as thread, r.created_at, r.epoch,
         (select count(*) from holdfast.steps s
          where s.bucket = r.bucket and s.run_id = r.run_id) as entries,
         r.parent_id, r.space_id, r.bucket
  from holdfast.runs r
  join holdfast.spaces sp on sp.bucket = r.bucket and sp.space_id = r.space_id;
