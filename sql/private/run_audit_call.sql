-- A call of a function about what is kept of users, for the role that made it.
create or replace function @privschema@.run_audit_call(p_role_name text, p_call text, p_options jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_call = 'erase user' then
    return @privschema@.erase_user(p_role_name, (p_options ->> 'user_id')::int, p_options ->> 'reason');
  elsif p_call = 'export user' then
    return @privschema@.export_user(p_role_name, (p_options ->> 'user_id')::int);
  end if;
  perform @privschema@.log_usage(p_role_name, p_options ->> 'function_name', p_options -> 'row', inet_client_addr());
  return null;
end
$$;

revoke all on function @privschema@.run_audit_call from public;
comment on function @privschema@.run_audit_call is 'Erases or exports a user, or logs use, for the role that calls.';
