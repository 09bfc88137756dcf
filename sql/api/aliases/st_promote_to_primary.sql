-- steadytext_promote_to_primary under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_promote_to_primary()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_promote_to_primary()
$$;

revoke all on function @extschema@.st_promote_to_primary from public;
comment on function @extschema@.st_promote_to_primary is 'Short for steadytext_promote_to_primary.';
