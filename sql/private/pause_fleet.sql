-- Pauses or resumes the fleet, for an administrator: the setting that every claim looks at, with its audit row, and a notice to those
-- that wait. Gives whether a worker lives to see it.
create or replace function @privschema@.pause_fleet(p_role_name text, p_paused boolean)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.check_admin(p_role_name, case when p_paused then 'steadytext_daemon_stop' else 'steadytext_daemon_start' end);
  if @privschema@.is_paused() is distinct from p_paused then
    perform @extschema@.steadytext_config_set('enable_daemon', (not p_paused)::text);
    perform @privschema@.log_action(p_role_name, case when p_paused then 'fleet_paused' else 'fleet_resumed' end,
      case when p_paused then 'steadytext_daemon_stop' else 'steadytext_daemon_start' end, null, '{}');
  end if;
  perform @privschema@.send_notices('@channelprefix@steadytext_queue', '{""}');
  return exists (select from @privschema@.live_workers() w where w.state <> 'draining');
end
$$;

revoke all on function @privschema@.pause_fleet from public;
comment on function @privschema@.pause_fleet is 'Pauses or resumes the fleet; gives whether a worker lives.';
