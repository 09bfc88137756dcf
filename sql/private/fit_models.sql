-- Has workers close their models where less than 1000 MB of their machine are free, and open the default ones where more than 4000
-- are: only where something is to be done, and nothing of the kind is on its way.
create or replace function @privschema@.fit_models(p_role_name text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_orders int;
begin
  perform @privschema@.check_admin(p_role_name, 'manage_model_memory');
  insert into @privschema@.fleet_orders (what, worker_id, asked_by, expires_at)
  select n.what, n.worker_id, p_role_name, clock_timestamp() + interval '1 minute'
  from (
    select w.worker_id, case when f.free_mb < 1000 and o.models > 0 then 'unload'
                             when f.free_mb > 4000 and d.closed > 0 then 'preload' end as what
    from @privschema@.live_workers() w
    cross join lateral (select (w.machine ->> 'freeBytes')::double precision / 1048576 as free_mb) f
    cross join lateral (select count(*) as models from @privschema@.open_models() p where p.worker_id = w.worker_id) o
    cross join lateral (
      select count(*) as closed
      from @privschema@.live_engines() e
      cross join lateral jsonb_to_recordset(e.models) as c (name text, resident boolean)
      join @extschema@.steadytext_models m on m.name = c.name and m.is_default
      where e.worker_id = w.worker_id and e.state = 'ready' and not c.resident) d
  ) n
  where n.what is not null and not exists (
    select from @privschema@.fleet_orders k
    where k.what = n.what and k.worker_id = n.worker_id and k.expires_at > clock_timestamp());
  get diagnostics v_orders = row_count;
  if v_orders > 0 then
    perform @privschema@.send_notices('@channelprefix@steadytext_control', '{fleet}');
  end if;
end
$$;

revoke all on function @privschema@.fit_models from public;
comment on function @privschema@.fit_models is 'Has workers close or open models by the free memory of their machines.';
