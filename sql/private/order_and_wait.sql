-- Asks workers for something through the side channel, since nobody sees what this transaction writes, and waits until all that live
-- have answered or the time is over. The connection is its own, and closed. Whoever waits no longer takes nothing back.
create or replace function @privschema@.order_and_wait(p_role_name text, p_what text, p_model text, p_seconds int)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
  v_dblink text := (@privschema@.sync_route()).dblink_schema;
  v_connection text := 'steadytext ' || gen_random_uuid();
  v_payload text := jsonb_build_object('database', current_database(), 'role_name', p_role_name, 'what', p_what, 'model', p_model,
    'seconds', p_seconds, 'at', extract(epoch from clock_timestamp()));
  v_placed jsonb;
  v_answers jsonb;
  v_left double precision;
begin
  perform @privschema@.sync_connect(v_dblink, v_connection, @privschema@.sync_kept_name());
  v_placed := @privschema@.sync_ask(v_dblink, v_connection,
    format('select @privschema@.sync_order(%L, %L)', v_payload, @privschema@.sync_mac('order', v_payload)), 0);
  if v_placed ? 'error' then
    raise exception using errcode = v_placed #>> '{error,sqlstate}', message = v_placed #>> '{error,message}';
  end if;
  loop
    v_left := greatest(extract(epoch from v_until - clock_timestamp()), 0);
    v_answers := @privschema@.sync_ask(v_dblink, v_connection, format('select @privschema@.sync_answers(%L, %L, %L)',
      v_placed ->> 'order_id', @privschema@.sync_mac('answers', v_placed ->> 'order_id'), least(v_left, 5)), 0);
    exit when v_left = 0 or not v_answers @> '[{"state": "silent"}]';
  end loop;
  execute format('select %I.dblink_disconnect($1)', v_dblink) using v_connection;
  return v_answers;
exception when query_canceled or others then
  perform @privschema@.sync_abandon(v_dblink, v_connection, null, '{}', null);
  raise;
end
$$;

revoke all on function @privschema@.order_and_wait from public;
comment on function @privschema@.order_and_wait is 'Asks workers for something through the side channel; gives their answers.';
