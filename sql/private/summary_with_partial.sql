-- Transition of the aggregate that summarises partial summaries: of groups without rows there is nothing to add, and one that failed
-- makes the whole fail.
create or replace function @privschema@.summary_with_partial(p_state jsonb, p_partial jsonb)
returns jsonb
language plpgsql volatile parallel unsafe cost 1000
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jsonb;
begin
  if p_partial is null or p_state ? 'failed' then
    return p_state;
  elsif jsonb_typeof(p_partial) <> 'object' or coalesce(jsonb_typeof(p_partial -> 'summary'), '') not in ('string', 'null')
    or jsonb_typeof(p_partial -> 'rows') is distinct from 'number'
    or jsonb_typeof(coalesce(p_partial -> 'metadata', '{}')) <> 'object' then
    perform @privschema@.raise_option('partial', 'what steadytext_summarize_partial gave', left(p_partial::text, 50),
      'Keep its result as it is, in a column of type jsonb.');
  end if;
  v_state := @privschema@.summary_begun(p_state, p_partial -> 'metadata');
  v_state := jsonb_set(v_state, '{rows}', to_jsonb((v_state ->> 'rows')::bigint + (p_partial ->> 'rows')::numeric));
  if p_partial ->> 'summary' is null then
    return (v_state - 'levels') || '{"failed": true}';
  end if;
  return @privschema@.summary_added(v_state, 1, p_partial ->> 'summary');
end
$$;

revoke all on function @privschema@.summary_with_partial from public;
comment on function @privschema@.summary_with_partial is 'Transition of the aggregate that summarises partial summaries.';
