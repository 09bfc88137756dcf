-- steadytext_apply_results under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_apply_results(max_rows int default 1000)
returns table (applied bigint, stale bigint, refused bigint, failed bigint)
language sql volatile rows 1
as $$
  select * from @extschema@.steadytext_apply_results(max_rows)
$$;

revoke all on function @extschema@.st_apply_results from public;
comment on function @extschema@.st_apply_results is 'Short for steadytext_apply_results.';
