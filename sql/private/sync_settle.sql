-- Waits for the end of a statement in the side channel, but no longer than somebody should wait for the end of a cancelled call.
create or replace function @privschema@.sync_settle(p_dblink text, p_connection text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until timestamptz := clock_timestamp() + interval '200 ms';
  v_busy int := 1;
begin
  while v_busy = 1 and clock_timestamp() < v_until loop
    execute format('select %I.dblink_is_busy($1)', p_dblink) into v_busy using p_connection;
    if v_busy = 1 then
      perform pg_sleep(0.002);
    end if;
  end loop;
  if v_busy = 1 then
    raise exception using errcode = 'connection_failure', message = 'the side channel does not answer';
  end if;
end
$$;

revoke all on function @privschema@.sync_settle from public;
comment on function @privschema@.sync_settle is 'Waits a moment for the end of a statement in the side channel.';
