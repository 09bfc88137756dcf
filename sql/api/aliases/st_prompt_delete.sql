-- steadytext_prompt_delete under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_prompt_delete(slug text)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_prompt_delete(slug)
$$;

revoke all on function @extschema@.st_prompt_delete from public;
comment on function @extschema@.st_prompt_delete is 'Short for steadytext_prompt_delete.';
