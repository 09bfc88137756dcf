-- steadytext_prompt_create under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_prompt_create(
  slug text, template text, description text default null, metadata jsonb default '{}')
returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_prompt_create(slug, template, description, metadata)
$$;

revoke all on function @extschema@.st_prompt_create from public;
comment on function @extschema@.st_prompt_create is 'Short for steadytext_prompt_create.';
