--! breaking
-- When a run is to be taken up, by whom, and how others notice that a worker is dead.

alter table holdfast.runs
  add column queue    text        not null default 'default',
  -- From then on any worker that serves its app may claim it. None: it is held, over, or waits for
  -- somebody to say something.
  add column ready_at timestamptz,
  -- Of what is wrong with it, if its code or its options are: more than an answer is needed.
  add column blocked  text,
  -- The number of the newest thing that was said to it.
  add column said     int         not null default 0;

-- Runs that were left under an older schema are to be found, and what is over is held by nobody.
delete from holdfast.workers;
update holdfast.runs r
set status = case when status = 'running' then 'queued' else status end,
    worker_id = null,
    ready_at = case when status in ('queued', 'running', 'waiting') then now() end,
    said = coalesce((select max(c.seq) from holdfast.control c
                     where c.bucket = r.bucket and c.run_id = r.run_id), 0),
    created_at = date_trunc('milliseconds', created_at);

alter table holdfast.runs
  -- Clients that know milliseconds only must be able to name a place in the list of runs.
  alter column created_at set default date_trunc('milliseconds', now()),
  add constraint runs_held_or_ready check (worker_id is null or ready_at is null);

create index runs_ready on holdfast.runs (namespace, app, queue, ready_at) where ready_at is not null;
create index runs_held on holdfast.runs (worker_id) where worker_id is not null;
create index runs_blocked on holdfast.runs (namespace, app, queue) where blocked is not null;

alter table holdfast.workers
  add column process text,                     -- tells on its own host whether the process is there
  add column lock    int,                      -- held by its session for as long as that lasts
  add column beats   bigint not null default 0,
  add column serves  text;                     -- which apps and queues, as JSON

create index waits_for_end on holdfast.waits (name) where kind = 'child' and closed_at is null;

-- What was announced as there to be run, by name.
create table holdfast.apps (
  namespace   text        not null,
  name        text        not null,
  framework   text        not null,
  version     text        not null,
  structure   text,                            -- JSON: its nodes and edges
  deployed_at timestamptz not null default now(),
  primary key (namespace, name)
);

create or replace view holdfast.run_list as
  select r.run_id, r.app, r.status, r.namespace, sp.key as thread, r.created_at, r.epoch,
         (select count(*) from holdfast.steps s
          where s.bucket = r.bucket and s.run_id = r.run_id) as entries,
         r.parent_id, r.space_id, r.bucket, r.why, r.queue, r.ready_at, r.blocked, r.worker_id
  from holdfast.runs r
  join holdfast.spaces sp on sp.bucket = r.bucket and sp.space_id = r.space_id;
