-- Has the side channel look at another host too, behind those of setup sync, and no more at the one before. Of several it takes the one
-- that writes, so that it leads to the primary from each server, before a failover and after it. Where there is no side channel yet, setup sync
-- does this as it makes one.
create or replace function @privschema@.route_sync(p_before text, p_after text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_host text;
  v_port text;
begin
  select max(o.option_value) filter (where o.option_name = 'host'), max(o.option_value) filter (where o.option_name = 'port')
  into v_host, v_port
  from pg_foreign_server s, pg_options_to_table(s.srvoptions) o
  where s.srvname = '@privschema@_sync';
  if v_host is null then
    return;
  end if;
  if p_before <> '' and right(v_host, length(p_before) + 1) = ',' || p_before then
    v_host := left(v_host, -length(p_before) - 1);
    v_port := regexp_replace(v_port, ',[0-9]+$', '');
  end if;
  if p_after <> '' then
    v_host := v_host || ',' || p_after;
    -- One port is that of all hosts.
    v_port := v_port || coalesce(substring(v_port from ',[0-9]+$'), '');
  end if;
  execute format('alter server @privschema@_sync options (set host %L, set port %L)', v_host, v_port);
end
$$;

revoke all on function @privschema@.route_sync from public;
comment on function @privschema@.route_sync is 'Has the side channel look for the primary at another host too.';
