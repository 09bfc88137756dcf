-- A text put into the state of an aggregate that summarises. The state holds, by level, the texts that wait: 0 the rows, 1 their summaries, 2 those
-- of these. When a level has no more room its texts become one summary, a level up: so it never holds more than a portion a
-- level, and one level more for each 25 times as many rows.
create or replace function @privschema@.summary_added(p_state jsonb, p_level int, p_text text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jsonb := p_state;
  v_held text := p_state #>> array['levels', p_level::text, 'text'];
begin
  if length(v_held) + 2 + length(p_text) > (v_state ->> 'portion')::int then
    v_state := @privschema@.summary_lifted(v_state, p_level);
    v_held := null;
  end if;
  if v_state ? 'failed' then
    return v_state;
  end if;
  return jsonb_set(v_state, array['levels', p_level::text], jsonb_build_object(
    'text', coalesce(v_held || E'\n\n', '') || p_text,
    'count', 1 + coalesce((v_state #>> array['levels', p_level::text, 'count'])::int, 0)));
end
$$;

revoke all on function @privschema@.summary_added from public;
comment on function @privschema@.summary_added is 'State of a summarising aggregate with one text more.';
