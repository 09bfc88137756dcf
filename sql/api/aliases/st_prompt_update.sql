-- steadytext_prompt_update under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_prompt_update(slug text, template text, metadata jsonb default '{}')
returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_prompt_update(slug, template, metadata)
$$;

revoke all on function @extschema@.st_prompt_update from public;
comment on function @extschema@.st_prompt_update is 'Short for steadytext_prompt_update.';
