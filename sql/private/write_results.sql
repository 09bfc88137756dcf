-- Writes results into a column as the caller, where a row still holds what the result was made of. Looked for and locked first, with
-- names and operators of ours, and then written by where the rows lie, so that the caller's own search_path can count meanwhile:
-- triggers of the table may need it. Of two results for one row the one that was asked for last is written.
create or replace function @privschema@.write_results(
  p_table text, p_owner text, p_column text, p_from_column text, p_is_embedding boolean, p_ids uuid[], p_keys jsonb[], p_digests text[],
  p_values text[], p_search_path text)
returns table (request_id uuid, outcome text, error text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_table regclass := p_table::regclass;
  v_found int[];
  v_matching int[];
  v_relations oid[];
  v_rows tid[];
  v_written uuid[];
begin
  if @privschema@.owner_of(v_table) is distinct from p_owner then
    perform @privschema@.raise_option('into_table', format('a table of "%s", as %s was', p_owner, p_table),
      format('one of "%s"', @privschema@.owner_of(v_table)), 'It was made anew or given away since: enqueue anew.');
  end if;
  select array_agg(s.place), array_agg(s.place order by s.place) filter (where s.is_last),
         array_agg(s.relation order by s.place) filter (where s.is_last),
         array_agg(s.row_id order by s.place) filter (where s.is_last)
  into v_found, v_matching, v_relations, v_rows
  from (
    select r.place, r.relation, r.row_id, encode(r.digest, 'hex') = p_digests[r.place]
      and r.place = max(r.place) filter (where encode(r.digest, 'hex') = p_digests[r.place])
        over (partition by r.relation, r.row_id) as is_last
    from @privschema@.source_rows(v_table, p_keys, p_column, p_from_column, true)
      as r (place int, relation oid, row_id tid, digest bytea)) s;
  if cardinality(v_found) > (select count(distinct f.position) from unnest(v_found) as f (position)) then
    raise exception using errcode = 'cardinality_violation',
      message = format('The key of a result should find one row of %s, but finds several', p_table);
  end if;
  if v_matching is not null then
    v_written := @privschema@.write_rows(v_table, p_column, p_is_embedding,
      array(select p_ids[m.position] from unnest(v_matching) with ordinality as m (position, n) order by m.n), v_relations, v_rows,
      array(select p_values[m.position] from unnest(v_matching) with ordinality as m (position, n) order by m.n), p_search_path);
  end if;
  return query
    select p_ids[k.position], case when p_ids[k.position] = any (v_written) then 'applied' else 'stale' end,
      case
        when p_ids[k.position] = any (v_written) then null
        when k.position = any (v_matching) then 'a trigger or a policy of the table left the row as it was'
        when k.position = any (v_found) then 'what the result was made of has changed, or a later result is written'
        else 'the row is gone, or you do not see it' end
    from generate_series(1, cardinality(p_ids)) as k (position);
end
$$;

revoke all on function @privschema@.write_results from public;
comment on function @privschema@.write_results is 'Writes results into a column where their rows have not changed; gives what came of each.';
