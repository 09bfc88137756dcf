-- The texts of a level as one summary a level up. Where that fails and on_error is null, the whole has failed: of a part that is missing
-- nobody would know.
create or replace function @privschema@.summary_lifted(p_state jsonb, p_level int)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_summary text := @extschema@.steadytext_summarize_text(p_state #>> array['levels', p_level::text, 'text'],
    (p_state -> 'metadata') - 'max_tokens', on_error => @privschema@.summary_on_error(p_state));
begin
  if v_summary is null then
    return (p_state - 'levels') || '{"failed": true}';
  elsif btrim(v_summary, @privschema@.blank_characters()) = '' then
    return p_state #- array['levels', p_level::text];
  end if;
  return @privschema@.summary_added(p_state #- array['levels', p_level::text], p_level + 1, v_summary);
end
$$;

revoke all on function @privschema@.summary_lifted from public;
comment on function @privschema@.summary_lifted is 'State of a summarising aggregate, one level of it summarised.';
