-- Transition of the aggregates of one argument that summarise rows.
create or replace function @privschema@.summary_with_text(p_state jsonb, p_value text)
returns jsonb
language plpgsql volatile parallel unsafe cost 1000
set search_path = pg_catalog, pg_temp
as $$
begin
  return @privschema@.summary_with_row(p_state, p_value, null);
end
$$;

revoke all on function @privschema@.summary_with_text from public;
comment on function @privschema@.summary_with_text is 'Transition of the aggregates of one argument that summarise rows.';
