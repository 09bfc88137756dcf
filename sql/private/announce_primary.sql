-- What follows a promotion: written down that this server is the primary now, and told to whoever listens.
create or replace function @privschema@.announce_primary()
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @extschema@.steadytext_config_set('ha_mode', 'primary');
  perform @privschema@.log_action(@privschema@.login_name(), 'promoted_to_primary', 'steadytext_promote_to_primary', null, '{}'::jsonb);
  perform @privschema@.send_notices('@channelprefix@steadytext_failover', '{promoted_to_primary}'::text[]);
  perform @privschema@.notify_queue();
end
$$;

revoke all on function @privschema@.announce_primary from public;
comment on function @privschema@.announce_primary is 'Sets ha_mode, writes down a promotion and notifies steadytext_failover.';
