-- Sends one statement through the side channel and gives its one answer. Before 17 it never waits inside of dblink, where neither
-- statement_timeout nor a cancel is noticed there (3.0 s in place of 0.5); since 17 they are, and nothing has to be looked for.
create or replace function @privschema@.sync_ask(
  p_dblink text, p_connection text, p_statement text, p_waited double precision)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set client_min_messages = error
as $$
declare
  v_begun timestamptz := clock_timestamp();
  v_busy text := format('select %I.dblink_is_busy($1)', p_dblink);
  v_result text := format('select r.answer from %I.dblink_get_result($1) as r (answer jsonb)', p_dblink);
  v_polls boolean := current_setting('server_version_num')::int < 170000;
  v_number int;
  v_answer jsonb;
begin
  execute format('select %I.dblink_send_query($1, $2)', p_dblink) into v_number using p_connection, p_statement;
  if v_number is distinct from 1 then
    raise exception using errcode = 'connection_failure', message = 'the connection was lost';
  end if;
  while v_polls loop
    execute v_busy into v_number using p_connection;
    exit when v_number is distinct from 1;
    perform pg_sleep(@privschema@.sync_pause(p_waited + extract(epoch from clock_timestamp() - v_begun)));
  end loop;
  execute v_result into v_answer using p_connection;
  -- Nothing more comes; asked for, so that the next statement can be sent.
  execute v_result using p_connection;
  return v_answer;
end
$$;

revoke all on function @privschema@.sync_ask from public;
comment on function @privschema@.sync_ask is 'Answer of a statement that is sent through the side channel.';
