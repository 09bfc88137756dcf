-- Cancel a request that is not final. False where there was nothing to cancel.
create or replace function @extschema@.steadytext_cancel_async(request_id uuid)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, request_id) values ('cancel', request_id) returning answer into v_answer;
  return v_answer::boolean;
end
$$;

revoke all on function @extschema@.steadytext_cancel_async from public;
comment on function @extschema@.steadytext_cancel_async is
  'Cancels one of your requests, running or not; false if it was final already or is not known.';
