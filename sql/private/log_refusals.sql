-- Makes audit rows of the refused calls of seconds that are over: one for each role and second, with how many calls that were.
create or replace function @privschema@.log_refusals()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_refused @privschema@.refusals;
begin
  for v_refused in
    delete from @privschema@.refusals r
    where r.ctid = any (array(
      select g.ctid from @privschema@.refusals g
      where g.refused_at < clock_timestamp() - interval '1 second' for update skip locked))
    returning r.*
  loop
    perform @privschema@.write_audit_row(@extschema@.steadytext_user_id(v_refused.role_name), 'request_refused',
      v_refused.function_name, null,
      jsonb_build_object('asked_by', v_refused.role_name, 'calls', v_refused.calls, 'refused_at', v_refused.refused_at),
      null, null, nullif(v_refused.client_addr, '')::inet, false, v_refused.error_message);
  end loop;
end
$$;

revoke all on function @privschema@.log_refusals from public;
comment on function @privschema@.log_refusals is 'Moves counted refusals into the audit log.';
