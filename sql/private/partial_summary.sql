-- Final function of the aggregate that gives partial summaries: what another one goes on with. Null without any text; a summary of null is one
-- that failed where that was to be null.
create or replace function @privschema@.partial_summary(p_state jsonb)
returns jsonb
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_state is null then
    return null;
  end if;
  return jsonb_build_object('summary', @privschema@.summary_of_state(p_state), 'rows', p_state -> 'rows',
    'metadata', p_state -> 'metadata');
end
$$;

revoke all on function @privschema@.partial_summary from public;
comment on function @privschema@.partial_summary is 'A partial summary, of an aggregate''s state.';
