-- Facts to compare: texts, or objects whose text is under "text", as a JSON array. Another element is an error: left out, it would be
-- lost, and kept, it would pass for one that was compared.
create or replace function @privschema@.check_facts(p_facts text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_facts jsonb;
  v_wrong record;
begin
  begin
    v_facts := p_facts::jsonb;
  exception when data_exception or program_limit_exceeded then
    perform @privschema@.raise_option('facts_array', 'a JSON array', 'no JSON: ' || left(p_facts, 40),
      'Pass something like ["One fact.", "Another one."].');
  end;
  if jsonb_typeof(v_facts) <> 'array' then
    perform @privschema@.raise_option('facts_array', 'a JSON array', 'of type ' || jsonb_typeof(v_facts),
      'Pass something like ["One fact.", "Another one."]; of an object, the member that holds them.');
  end if;
  select jsonb_typeof(f.fact) as type, f.position into v_wrong
  from jsonb_array_elements(v_facts) with ordinality as f (fact, position)
  where coalesce(btrim(case jsonb_typeof(f.fact)
      when 'string' then f.fact #>> '{}'
      when 'object' then case when jsonb_typeof(f.fact -> 'text') = 'string' then f.fact ->> 'text' end
    end, @privschema@.blank_characters()), '') = ''
  order by f.position
  limit 1;
  if found then
    perform @privschema@.raise_option(format('facts_array[%s]', v_wrong.position - 1),
      'a text, or an object with some text in "text"', case v_wrong.type when 'string' then 'blank' else 'of type ' || v_wrong.type end,
      'Leave it out, or give it a text.');
  end if;
end
$$;

revoke all on function @privschema@.check_facts from public;
comment on function @privschema@.check_facts is 'Raises ST004 for facts that are no texts.';
