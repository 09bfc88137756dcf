-- A call of a function that asks something of the fleet, for the role that made it.
create or replace function @privschema@.run_fleet_call(p_role_name text, p_call text, p_model text, p_options jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_call = 'fit models' then
    perform @privschema@.fit_models(p_role_name);
    return null;
  elsif p_call in ('pause fleet', 'resume fleet') then
    return to_jsonb(@privschema@.pause_fleet(p_role_name, p_call = 'pause fleet'));
  end if;
  return @privschema@.order_models(p_role_name, split_part(p_call, ' ', 1), p_model, (p_options ->> 'timeout_seconds')::int);
end
$$;

revoke all on function @privschema@.run_fleet_call from public;
comment on function @privschema@.run_fleet_call is 'Asks something of the fleet for the role that calls.';
