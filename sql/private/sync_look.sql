-- One wait of the far end, of five seconds at most, and no longer than is left of the whole.
create or replace function @privschema@.sync_look(
  p_dblink text, p_connection text, p_request_ids uuid[], p_begun timestamptz, p_most int)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_waited double precision := extract(epoch from clock_timestamp() - p_begun);
begin
  return @privschema@.sync_ask(p_dblink, p_connection,
    format('select @privschema@.sync_wait(%L, %L, %L, %L)', p_request_ids,
      @privschema@.sync_mac('wait', p_request_ids::text), v_waited, least(p_most - v_waited, 5)), v_waited);
end
$$;

revoke all on function @privschema@.sync_look from public;
comment on function @privschema@.sync_look is 'Results of requests through the side channel, or null where they take longer.';
