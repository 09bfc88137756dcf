-- steadytext_export_user under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_export_user(user_id int default null)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_export_user(user_id)
$$;

revoke all on function @extschema@.st_export_user from public;
comment on function @extschema@.st_export_user is 'Short for steadytext_export_user.';
