-- What is wrong with a template, and where.
create or replace function @privschema@.refuse_template(p_place text, p_what text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'syntax_error',
    message = format('Invalid template at %s: %s', p_place, left(p_what, 300)),
    hint = 'Templates are a part of Jinja2: docs/prompts.md has what they may hold.';
end
$$;

revoke all on function @privschema@.refuse_template from public;
comment on function @privschema@.refuse_template is 'Raises 42601: what is wrong with a template, and where.';
