-- Writes the caller's results to where they go, those of one table and column together; gives how many came to what. What could
-- not be written is noted and holds nothing else up. p_search_path is the caller's own, for triggers of the tables.
create or replace function @privschema@.apply_results(p_max_rows int, p_search_path text)
returns table (applied bigint, stale bigint, refused bigint, failed bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_taken jsonb;
  v_group record;
  v_outcomes jsonb;
begin
  if p_max_rows is null or p_max_rows not between 1 and 10000 then
    perform @privschema@.raise_option('max_rows', 'from 1 to 10000', p_max_rows::text, 'Call it again for the rest.');
  end if;
  -- Rows that this transaction has locked itself are no others' to skip: it would take them again, and again.
  if current_setting('steadytext.applying', true) = 'on' then
    raise exception using errcode = 'object_in_use',
      message = 'Results should be written by one call at a time, but a trigger of a table that is written calls again',
      hint = 'Take the call out of the trigger.';
  end if;
  perform set_config('steadytext.applying', 'on', true);
  insert into @privschema@.calls (call, options) values ('take results', jsonb_build_object('max_rows', p_max_rows))
  returning answer into v_taken;
  select coalesce(jsonb_agg(jsonb_build_object('request_id', t.request_id, 'outcome', coalesce(t.status, 'expired'), 'error',
      coalesce(t.error, case when t.status is null then 'the request was pruned before its result was written' end))), '[]')
  into v_outcomes
  from jsonb_to_recordset(v_taken) as t (request_id uuid, status text, error text)
  where t.status is distinct from 'completed';
  for v_group in
    select t.into_table, t.table_owner, t.into_column, t.from_column, t.is_embedding, array_agg(t.request_id order by t.request_id) as ids,
           array_agg(t.into_key order by t.request_id) as keys, array_agg(t.digest order by t.request_id) as digests,
           array_agg(t.value order by t.request_id) as values
    from jsonb_to_recordset(v_taken) as t (request_id uuid, into_table text, table_owner text, into_column text, into_key jsonb, from_column text,
      digest text, status text, value text, is_embedding boolean)
    where t.status = 'completed'
    group by t.into_table, t.table_owner, t.into_column, t.from_column, t.is_embedding,
      array(select k.name from jsonb_object_keys(t.into_key) as k (name) order by k.name)
    order by t.into_table, t.into_column, t.from_column
  loop
    v_outcomes := v_outcomes || coalesce((
      select jsonb_agg(to_jsonb(w))
      from @privschema@.try_results(v_group.into_table, v_group.table_owner, v_group.into_column, v_group.from_column, v_group.is_embedding, v_group.ids,
        v_group.keys, v_group.digests, v_group.values, p_search_path) w), '[]');
  end loop;
  perform set_config('steadytext.applying', 'off', true);
  insert into @privschema@.calls (call, options) values ('note results', jsonb_build_object('outcomes', v_outcomes));
  return query
    select count(*) filter (where o.outcome = 'applied'), count(*) filter (where o.outcome = 'stale'),
           count(*) filter (where o.outcome = 'refused'), count(*) filter (where o.outcome in ('failed', 'cancelled', 'expired'))
    from jsonb_to_recordset(v_outcomes) as o (outcome text);
end
$$;

revoke all on function @privschema@.apply_results from public;
comment on function @privschema@.apply_results is 'Writes the caller''s results into the caller''s tables.';
