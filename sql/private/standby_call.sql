-- A synchronous call on a standby, for the role that caller_proof says. What is kept is given here, where an administrator wants that;
-- the rest the side channel asks of the primary, which enqueues it. Nothing is written here.
create or replace function @privschema@.standby_call(
  p_role_name text, p_proof text, p_call text, p_inputs text[], p_options jsonb, p_model text, p_unsafe_mode boolean)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answers jsonb;
begin
  perform @privschema@.check_sync_mac('caller',
    pg_backend_pid() || ' ' || extract(epoch from now()) || ' ' || p_role_name, p_proof);
  if @privschema@.setting('ha_mode') = 'off' then
    return jsonb_build_array(@privschema@.error_answer('ST012',
      'A synchronous call on a standby should go to the primary, but ha_mode is off',
      'Call on the primary. Or an administrator runs there: select steadytext_config_set(''ha_mode'', ''primary''); and '
        'steadytext setup sync with --host and all servers.'));
  end if;
  if @privschema@.setting('ha_readonly_cache')::boolean then
    v_answers := @privschema@.kept_answers(p_role_name, p_call, p_inputs, p_options, p_model);
  end if;
  return coalesce(v_answers, @privschema@.sync_call(p_role_name, p_call, p_inputs, p_options, p_model, p_unsafe_mode));
end
$$;

revoke all on function @privschema@.standby_call from public;
comment on function @privschema@.standby_call is 'A synchronous call on a standby: from its cache, or through the primary.';
