-- An error as data: what a synchronous call came to, until it is known whether its caller wants it raised.
create or replace function @privschema@.error_answer(p_sqlstate text, p_message text, p_hint text)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('error',
    jsonb_build_object('sqlstate', p_sqlstate, 'message', p_message, 'hint', nullif(p_hint, '')))
$$;

revoke all on function @privschema@.error_answer from public;
comment on function @privschema@.error_answer is 'An error as JSON: {"error": {sqlstate, message, hint}}.';
