-- A synchronous call, as whoever calls: handed on as a row, as all calls are, or on a standby with a proof of who calls.
create or replace function @privschema@.sync_run(
  p_call text, p_inputs text[], p_options jsonb, p_model text, p_unsafe_mode boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answers jsonb;
begin
  if pg_is_in_recovery() then
    return (
      select @privschema@.standby_call(c.role_name, c.proof, p_call, p_inputs, p_options, p_model, p_unsafe_mode)
      from @privschema@.caller_proof c);
  end if;
  insert into @privschema@.calls (call, inputs, options, model, unsafe_mode)
  values ('sync ' || p_call, p_inputs, p_options, p_model, p_unsafe_mode)
  returning answer into v_answers;
  return v_answers;
end
$$;

revoke all on function @privschema@.sync_run from public;
comment on function @privschema@.sync_run is 'Answers of a synchronous call, one a request, or one error.';
