-- Asks workers for something: a row, which is the order, an audit row, and a notice, which is only a hint. It holds as long as
-- somebody waits, a minute at least, for a worker that comes to it late; one that starts later is not asked.
create or replace function @privschema@.place_order(p_role_name text, p_what text, p_model text, p_seconds int)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_order_id uuid;
begin
  insert into @privschema@.fleet_orders (what, model, asked_by, expires_at)
  values (p_what, p_model, p_role_name, clock_timestamp() + make_interval(secs => greatest(p_seconds, 60)))
  returning order_id into v_order_id;
  perform @privschema@.log_action(p_role_name, case p_what when 'preload' then 'models_preloaded' else 'models_unloaded' end,
    format('steadytext_%s_models', p_what), null, jsonb_build_object('model', p_model));
  perform @privschema@.send_notices('@channelprefix@steadytext_control', '{fleet}');
  return v_order_id;
end
$$;

revoke all on function @privschema@.place_order from public;
comment on function @privschema@.place_order is 'Asks workers to open or close models; gives the order.';
