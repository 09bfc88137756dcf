-- Write one's own results that have a place to go (docs/write-back.md). With the caller's rights, in the caller's transaction. No pinned
-- search_path: triggers of the tables are to see the caller's. Every name is written out, and nothing else stands in it.
create or replace function @extschema@.steadytext_apply_results(max_rows int default 1000)
returns table (applied bigint, stale bigint, refused bigint, failed bigint)
language sql volatile rows 1
as $$
  select r.applied, r.stale, r.refused, r.failed
  from @privschema@.apply_results(max_rows, pg_catalog.current_setting('search_path')) r
$$;

revoke all on function @extschema@.steadytext_apply_results from public;
comment on function @extschema@.steadytext_apply_results is
  'Writes your finished results into the tables that into_table named, where the rows have not changed; gives how many.';
