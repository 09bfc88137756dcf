-- What the far end of the side channel is told of a call. With a lock, that of the caller's transaction, its text is to be read while it
-- is made.
create or replace function @privschema@.sync_payload(
  p_role_name text, p_call text, p_inputs text[], p_options jsonb, p_model text, p_unsafe_mode boolean, p_stream_lock bigint)
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('database', current_database(), 'role_name', p_role_name, 'call', p_call, 'inputs', p_inputs::text,
    'options', p_options, 'model', p_model, 'unsafe_mode', p_unsafe_mode, 'session', @privschema@.own_settings(),
    'stream_lock', p_stream_lock, 'at', extract(epoch from clock_timestamp()))::text
$$;

revoke all on function @privschema@.sync_payload from public;
comment on function @privschema@.sync_payload is 'A call as it goes through the side channel.';
