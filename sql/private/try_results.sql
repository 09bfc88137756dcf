-- Writes results of one table and column, and where that fails, each half by itself: so the one that cannot be written is found
-- in a few tries, and the others are written. One that collides with another transaction (a deadlock, a lock that was not waited for) is
-- left for another time, and gives nothing, unless the whole transaction has one snapshot, in which it would collide for ever. What is no fault of a row, as when the server has no room, is raised.
create or replace function @privschema@.try_results(
  p_table text, p_owner text, p_column text, p_from_column text, p_is_embedding boolean, p_ids uuid[], p_keys jsonb[], p_digests text[],
  p_values text[], p_search_path text)
returns table (request_id uuid, outcome text, error text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_half int := cardinality(p_ids) / 2;
  v_state text;
  v_message text;
begin
  begin
    return query
      select w.request_id, w.outcome, w.error
      from @privschema@.write_results(p_table, p_owner, p_column, p_from_column, p_is_embedding, p_ids, p_keys, p_digests, p_values,
        p_search_path) w;
    return;
  exception when others then
    get stacked diagnostics v_state = returned_sqlstate, v_message = message_text;
    if left(v_state, 2) in ('25', '53', '57', '58')
      or left(v_state, 2) = '40' and current_setting('transaction_isolation') <> 'read committed' then
      raise;
    end if;
  end;
  if coalesce(v_half, 0) = 0 then
    if left(v_state, 2) = '40' or v_state = '55P03' then
      return;
    end if;
    return query select p_ids[1], 'refused', format('%s: %s%s', v_state, v_message,
      -- pgvector knows of columns alone.
      case when p_is_embedding and v_message ~ '^expected [0-9]+ dimensions, not [0-9]+$'
        then '; steadytext.embedding_dimensions says how many are written' else '' end);
    return;
  end if;
  return query
    select w.request_id, w.outcome, w.error
    from @privschema@.try_results(p_table, p_owner, p_column, p_from_column, p_is_embedding, p_ids[:v_half], p_keys[:v_half],
      p_digests[:v_half], p_values[:v_half], p_search_path) w;
  return query
    select w.request_id, w.outcome, w.error
    from @privschema@.try_results(p_table, p_owner, p_column, p_from_column, p_is_embedding, p_ids[v_half + 1:], p_keys[v_half + 1:],
      p_digests[v_half + 1:], p_values[v_half + 1:], p_search_path) w;
end
$$;

revoke all on function @privschema@.try_results from public;
comment on function @privschema@.try_results is 'Writes results into a column, but those that cannot be written; gives what came of each.';
