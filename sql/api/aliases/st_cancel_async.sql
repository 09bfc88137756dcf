-- steadytext_cancel_async under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_cancel_async(request_id uuid)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @extschema@.steadytext_cancel_async(request_id)
$$;

revoke all on function @extschema@.st_cancel_async from public;
comment on function @extschema@.st_cancel_async is 'Short for steadytext_cancel_async.';
