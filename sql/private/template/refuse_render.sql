-- Why a template cannot be rendered with the variables that came, and where in it.
create or replace function @privschema@.refuse_render(p_place text, p_what text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'invalid_parameter_value',
    message = format('The template cannot be rendered, at %s: %s', p_place, left(p_what, 300)),
    hint = 'Pass other variables, or make another version of the prompt.';
end
$$;

revoke all on function @privschema@.refuse_render from public;
comment on function @privschema@.refuse_render is 'Raises 22023: why variables cannot be put into a template.';
