-- steadytext_verify_audit under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_verify_audit()
returns table (
  intact boolean, problem text, seal bigint, row_id bigint, epochs int, seals bigint, signed bigint, sealed_rows bigint,
  dropped_rows bigint, unsealed_rows bigint)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_verify_audit()
$$;

revoke all on function @extschema@.st_verify_audit from public;
comment on function @extschema@.st_verify_audit is 'Short for steadytext_verify_audit.';
