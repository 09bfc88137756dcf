-- Where the results of a call are to be written, as calls take it: checked as the caller, who has to be allowed to write there by
-- now, and with what the rows hold that the results are made of.
create or replace function @privschema@.write_back_of(
  p_request_type text, p_table regclass, p_column text, p_keys jsonb[], p_from_column text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Counted from 1, as the caller's array need not be.
  v_keys jsonb[] := array(select k.key from unnest(p_keys) with ordinality as k (key, position) order by k.position);
  v_digests text[];
  v_missing int;
begin
  perform @privschema@.check_write_back(p_request_type, p_table, p_column, v_keys, p_from_column);
  select array_agg(encode(s.digest, 'hex') order by k.position), min(k.position) filter (where s.digest is null)
  into v_digests, v_missing
  from generate_series(1, cardinality(v_keys)) as k (position)
  left join @privschema@.source_rows(p_table, v_keys, p_column, p_from_column, false)
    as s (place int, relation oid, row_id tid, digest bytea) on s.place = k.position;
  if v_missing is not null then
    perform @privschema@.raise_option('into_key', format('the key of a row of %s that you see', p_table),
      v_keys[v_missing]::text, 'Enqueue when the row is there: a trigger that does it has to be one AFTER insert or update.');
  end if;
  return jsonb_build_object('table', p_table::text, 'owner', @privschema@.owner_of(p_table), 'column', p_column, 'from', p_from_column, 'keys', to_jsonb(v_keys),
    'digests', to_jsonb(v_digests));
end
$$;

revoke all on function @privschema@.write_back_of from public;
comment on function @privschema@.write_back_of is 'Where a call''s results go, checked, with digests of the rows they are made of.';
