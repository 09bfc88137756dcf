-- Counts a refused call, by role and second: however many there are, the audit log gets one row of them. Of what they were refused
-- for the first one's words count.
create or replace function @privschema@.record_refusal(
  p_role_name text, p_function_name text, p_message text, p_client_addr text)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into @privschema@.refusals as r (role_name, function_name, error_message, client_addr, refused_at, calls)
  values (p_role_name, p_function_name, left(p_message, 500), coalesce(p_client_addr, ''),
    date_trunc('second', clock_timestamp()), 1)
  on conflict on constraint refusals_pkey do update set calls = r.calls + 1
$$;

revoke all on function @privschema@.record_refusal from public;
comment on function @privschema@.record_refusal is 'Counts a refused call by role and second.';
