-- A prompt that there is not.
create or replace function @privschema@.refuse_slug(p_slug text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'Prompt with slug "%" not found', left(p_slug, 100)
    using errcode = 'no_data_found', hint = 'steadytext_prompt_list lists those that there are.';
end
$$;

revoke all on function @privschema@.refuse_slug from public;
comment on function @privschema@.refuse_slug is 'Raises P0002: there is no such prompt.';
