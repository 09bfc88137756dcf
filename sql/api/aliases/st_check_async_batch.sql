-- steadytext_check_async_batch under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_check_async_batch(request_ids uuid[])
returns table (request_id uuid, status text, result text, error text, completed_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_check_async_batch(request_ids)
$$;

revoke all on function @extschema@.st_check_async_batch from public;
comment on function @extschema@.st_check_async_batch is 'Short for steadytext_check_async_batch.';
