-- steadytext_erase_user under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_erase_user(user_id int, reason text)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_erase_user(user_id, reason)
$$;

revoke all on function @extschema@.st_erase_user from public;
comment on function @extschema@.st_erase_user is 'Short for steadytext_erase_user.';
