-- Writes results of one table and column, and where that fails, each half by itself: so the one that cannot be written is found
-- in a few tries, and the others are written. What is no fault of a row (a deadlock, no room, a lock that was not waited for) is
-- raised, and everything is tried again another time.
create or replace function @privschema@.try_results(
  p_table text, p_column text, p_from_column text, p_is_embedding boolean, p_ids uuid[], p_keys jsonb[], p_digests text[],
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
      from @privschema@.write_results(p_table, p_column, p_from_column, p_is_embedding, p_ids, p_keys, p_digests, p_values,
        p_search_path) w;
    return;
  exception when others then
    get stacked diagnostics v_state = returned_sqlstate, v_message = message_text;
    if left(v_state, 2) in ('25', '40', '53', '57', '58', 'XX') or v_state = '55P03' then
      raise;
    end if;
  end;
  if coalesce(v_half, 0) = 0 then
    return query select p_ids[1], 'refused', format('%s: %s%s', v_state, v_message,
      -- pgvector knows of columns alone.
      case when p_is_embedding and v_message ~ '^expected [0-9]+ dimensions, not [0-9]+$'
        then '; steadytext.embedding_dimensions says how many are written' else '' end);
    return;
  end if;
  return query
    select w.request_id, w.outcome, w.error
    from @privschema@.try_results(p_table, p_column, p_from_column, p_is_embedding, p_ids[:v_half], p_keys[:v_half],
      p_digests[:v_half], p_values[:v_half], p_search_path) w;
  return query
    select w.request_id, w.outcome, w.error
    from @privschema@.try_results(p_table, p_column, p_from_column, p_is_embedding, p_ids[v_half + 1:], p_keys[v_half + 1:],
      p_digests[v_half + 1:], p_values[v_half + 1:], p_search_path) w;
end
$$;

revoke all on function @privschema@.try_results from public;
comment on function @privschema@.try_results is 'Writes results into a column, but those that cannot be written; gives what came of each.';
