-- steadytext_prompt_render under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_prompt_render(
  slug text, variables jsonb, version int default null, strict boolean default true)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_prompt_render(slug, variables, version, strict)
$$;

revoke all on function @extschema@.st_prompt_render from public;
comment on function @extschema@.st_prompt_render is 'Short for steadytext_prompt_render.';
