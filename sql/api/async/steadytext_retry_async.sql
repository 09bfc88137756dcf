-- Enqueue a failed or cancelled request again, with all its retries before it.
create or replace function @extschema@.steadytext_retry_async(request_id uuid)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, request_id) values ('retry', request_id) returning answer into v_answer;
  return v_answer::boolean;
end
$$;

revoke all on function @extschema@.steadytext_retry_async from public;
comment on function @extschema@.steadytext_retry_async is 'Enqueues one of your failed or cancelled requests again.';
