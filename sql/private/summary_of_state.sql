-- Final function of the aggregates that summarise. Levels are read from the highest, whose rows came first. One summary alone is the
-- answer as it is. Null where there was no text, and where it failed and that is to be null.
create or replace function @privschema@.summary_of_state(p_state jsonb)
returns text
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jsonb := p_state;
  v_all record;
begin
  loop
    select string_agg(l.level ->> 'text', E'\n\n' order by l.number::int desc) as text, count(*) as levels,
           sum((l.level ->> 'count')::int) as texts, min(l.number::int) as lowest
    into v_all
    from jsonb_each(v_state -> 'levels') as l (number, level);
    exit when v_all.text is null or v_all.levels = 1 or length(v_all.text) <= (v_state ->> 'portion')::int;
    v_state := @privschema@.summary_lifted(v_state, v_all.lowest);
  end loop;
  if v_all.text is null or v_all.texts = 1 and v_all.lowest > 0 then
    return v_all.text;
  end if;
  return @extschema@.steadytext_summarize_text(v_all.text, v_state -> 'metadata',
    on_error => @privschema@.summary_on_error(v_state));
end
$$;

revoke all on function @privschema@.summary_of_state from public;
comment on function @privschema@.summary_of_state is 'Summary of an aggregate''s state.';
