-- A synchronous call, for the role that made it: has it enqueued by a session of its own through the side channel, since nobody
-- sees what this transaction enqueues, and waits. Whatever ends it otherwise than with an answer cancels what it enqueued. Errors are data; only
-- a cancel is raised, and statement_timeout, which is one.
create or replace function @privschema@.sync_call(
  p_role_name text, p_call text, p_inputs text[], p_options jsonb, p_model text, p_unsafe_mode boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_most int := @privschema@.setting('sync_wait_seconds')::int;
  v_begun timestamptz := clock_timestamp();
  v_dblink text;
  v_keeps boolean;
  v_kept text := @privschema@.sync_kept_name();
  v_connection text;
  v_enqueued jsonb;
  v_payload text := @privschema@.sync_payload(p_role_name, p_call, p_inputs, p_options, p_model, p_unsafe_mode, null);
  v_ids uuid[];
  v_answers jsonb;
  v_state text;
  v_message text;
  v_hint text;
begin
  select r.dblink_schema, r.keeps into v_dblink, v_keeps from @privschema@.sync_route() r;
  v_connection := case when v_keeps then v_kept else 'steadytext ' || gen_random_uuid() end;
  v_enqueued := @privschema@.sync_begin(v_dblink, v_connection, v_kept, v_payload);
  if v_enqueued ? 'error' then
    v_answers := jsonb_build_array(v_enqueued);
  end if;
  v_ids := array(select i.request_id::uuid from jsonb_array_elements_text(v_enqueued -> 'request_ids')
                 with ordinality as i (request_id, position) order by i.position);
  while v_answers is null loop
    perform @privschema@.sync_late('A result', v_most, v_begun);
    v_answers := @privschema@.sync_look(v_dblink, v_connection, v_ids, v_begun, v_most);
  end loop;
  if not v_keeps then
    execute format('select %I.dblink_disconnect($1)', v_dblink) using v_connection;
  end if;
  return v_answers;
exception when query_canceled or others then
  get stacked diagnostics v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint;
  v_answers := jsonb_build_array(@privschema@.sync_failure(v_state, v_message, v_hint, v_dblink, v_connection, p_role_name,
    v_ids, v_payload));
  return coalesce(@privschema@.fallback_answers(v_state, v_message, p_call, p_inputs, p_options), v_answers);
end
$$;

revoke all on function @privschema@.sync_call from public;
comment on function @privschema@.sync_call is 'Enqueues through the side channel and waits; one answer a request, or one error.';
