-- The runs of one thread or session come one after the other, and may go by names of their own.
create index runs_unfinished on holdfast.runs (space_id)
  where status in ('queued', 'running', 'waiting');

create index runs_newest_of_space on holdfast.runs (space_id, created_at desc, run_id desc);

-- Ids that stand for a name of the user's choosing, where the run's own id says where its thread is.
create table holdfast.run_names (
  bucket  int  not null,
  name_id uuid not null,
  run_id  uuid not null,
  primary key (bucket, name_id)
);
create index run_names_of on holdfast.run_names (run_id);
