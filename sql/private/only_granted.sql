-- A row to be inserted with nothing of the inserter's but the columns that a direct insert may name and who it was; the rest
-- as the table's defaults have it. A new column that is not named here is refused by its test until it is.
create or replace function @privschema@.only_granted(p_row @extschema@.steadytext_queue)
returns @extschema@.steadytext_queue
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row @extschema@.steadytext_queue;
begin
  v_row.request_id := p_row.request_id;
  v_row.prompt := p_row.prompt;
  v_row.request_type := p_row.request_type;
  v_row.params := p_row.params;
  v_row.priority := p_row.priority;
  v_row.created_at := p_row.created_at;
  v_row.session_id := p_row.session_id;
  v_row.asked_by := p_row.asked_by;
  -- PostgreSQL itself lets nobody say an id.
  v_row.id := p_row.id;
  v_row.status := 'pending';
  v_row.runnable := true;
  v_row.isolated := false;
  v_row.retry_count := 0;
  v_row.max_retries := 3;
  v_row.lease_token := 0;
  v_row.scheduled_at := now();
  v_row.enqueued_xid := pg_current_xact_id();
  v_row.client_addr := inet_client_addr();
  return v_row;
end
$$;

revoke all on function @privschema@.only_granted from public;
comment on function @privschema@.only_granted is 'A direct insert''s row without what it may not say.';
