-- Bounds of the histograms, in milliseconds: an embedding takes some ten, a long generation a minute. Rows of request_tallies were
-- counted by them, so another list needs a migration for what is counted.
-- No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.tally_bounds()
returns bigint[]
language sql immutable
as $$
  select array[10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000]::bigint[]
$$;

revoke all on function @privschema@.tally_bounds from public;
comment on function @privschema@.tally_bounds is 'Bounds (ms) of the histograms of requests'' times.';
