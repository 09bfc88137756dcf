-- The audit row of a trigger audit_steadytext_usage: a row of a table of the user's own, of which texts are kept as lengths and keyed
-- hashes, unless audit_full_text is on.
create or replace function @privschema@.log_usage(p_role_name text, p_function_name text, p_row jsonb, p_client_addr inet)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key bytea := (select k.key from @privschema@.hash_key k where k.only_row);
  v_parameters jsonb := p_row;
  v_created timestamptz;
begin
  if @privschema@.setting('audit_full_text') <> 'true' then
    select coalesce(jsonb_object_agg(f.name, case
      when jsonb_typeof(f.value) in ('number', 'boolean', 'null') then f.value
      else jsonb_build_object('length', length(f.value #>> '{}'),
        'hash', encode(sha256(v_key || convert_to(f.value #>> '{}', 'UTF8')), 'hex')) end), '{}')
    into v_parameters from jsonb_each(p_row) as f (name, value);
  end if;
  begin
    v_created := (p_row ->> 'created_at')::timestamptz;
  exception when data_exception then
    null;
  end;
  perform @privschema@.write_audit_row(@privschema@.ensure_user_id(p_role_name), 'usage_reported',
    left(coalesce(p_function_name, 'audit_steadytext_usage'), 100), null, v_parameters, octet_length(p_row ->> 'result'),
    least(2147483647, greatest(0, extract(epoch from clock_timestamp() - v_created) * 1000))::int, p_client_addr, true, null);
end
$$;

revoke all on function @privschema@.log_usage from public;
comment on function @privschema@.log_usage is 'Writes the audit row of a user''s own table.';
