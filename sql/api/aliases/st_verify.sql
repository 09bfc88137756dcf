-- steadytext_verify under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_verify(request_id uuid, again boolean default false)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_verify(request_id, again)
$$;

revoke all on function @extschema@.st_verify from public;
comment on function @extschema@.st_verify is 'Short for steadytext_verify.';
