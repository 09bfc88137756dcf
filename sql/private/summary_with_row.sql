-- Transition of the aggregates that summarise rows: a null and a blank text are passed over.
create or replace function @privschema@.summary_with_row(p_state jsonb, p_value text, p_metadata jsonb)
returns jsonb
language plpgsql volatile parallel unsafe cost 1000
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jsonb;
begin
  if coalesce(btrim(p_value, @privschema@.blank_characters()), '') = '' or p_state ? 'failed' then
    return p_state;
  end if;
  v_state := @privschema@.summary_begun(p_state, p_metadata);
  v_state := jsonb_set(v_state, '{rows}', to_jsonb((v_state ->> 'rows')::bigint + 1));
  return @privschema@.summary_added(v_state, 0, p_value);
end
$$;

revoke all on function @privschema@.summary_with_row from public;
comment on function @privschema@.summary_with_row is 'Transition of the aggregates that summarise rows.';
