-- The words and shapes of a JSON Schema, wherever they stand in it: an unknown keyword is refused, never ignored. What only its
-- compiler sees (that nothing can satisfy it, a $ref without a target) the worker refuses before the first token; so does it what
-- is nested deeper than the walk goes, which is as deep as the compiler takes.
create or replace function @privschema@.check_schema(p_schema jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_keywords jsonb := @privschema@.schema_keywords();
  v_wrong record;
begin
  if jsonb_typeof(p_schema) = 'string' then
    if @privschema@.schema_shape('types', p_schema, true) is not null then
      perform @privschema@.raise_option('schema',
        'a JSON Schema or the name of a type (null, boolean, integer, number, string, array, object)', p_schema::text,
        'Pass it as jsonb: ''{"type": "object"}'', or ''"integer"''.');
    end if;
    return;
  end if;
  with recursive schemas (depth, pointer, schema) as (
    select 0, '', p_schema
    union all
    select s.depth + 1, s.pointer || '/' || k.keyword || c.step, c.schema
    from schemas s
    cross join lateral jsonb_each(case when jsonb_typeof(s.schema) = 'object' then s.schema else '{}' end)
      as k (keyword, value)
    cross join lateral (
      select '' as step, k.value as schema where v_keywords ->> k.keyword = 'schema'
      union all
      select '/' || e.position - 1, e.schema
      from jsonb_array_elements(
        case when v_keywords ->> k.keyword = 'schemas' and jsonb_typeof(k.value) = 'array' then k.value else '[]' end)
        with ordinality as e (schema, position)
      union all
      select '/' || replace(replace(n.name, '~', '~0'), '/', '~1'), n.schema
      from jsonb_each(
        case when v_keywords ->> k.keyword = 'named schemas' and jsonb_typeof(k.value) = 'object' then k.value else '{}' end)
        as n (name, schema)) c
    where s.depth < 64
  )
  select w.* into v_wrong
  from schemas s
  cross join lateral (
    select s.depth, s.pointer, null::text as keyword, 'a schema (an object, true or false)' as expected, s.schema as came
    where jsonb_typeof(s.schema) not in ('object', 'boolean')
    union all
    select s.depth, s.pointer, k.keyword,
      case when v_keywords ? k.keyword then @privschema@.schema_shape(v_keywords ->> k.keyword, k.value, s.depth = 0) end,
      k.value
    from jsonb_each(case when jsonb_typeof(s.schema) = 'object' then s.schema else '{}' end) as k (keyword, value)
    where not v_keywords ? k.keyword
      or @privschema@.schema_shape(v_keywords ->> k.keyword, k.value, s.depth = 0) is not null) w
  order by w.depth, w.pointer, w.keyword
  limit 1;
  if not found then
    return;
  elsif v_wrong.expected is null then
    perform @privschema@.raise_option('keyword in schema' || coalesce(' at ' || nullif(v_wrong.pointer, ''), ''),
      'a supported one', to_json(v_wrong.keyword)::text, 'Leave it out: docs/structured-output.md tells what is supported.');
  end if;
  perform @privschema@.raise_option(
    'schema' || coalesce(' at ' || nullif(v_wrong.pointer || coalesce('/' || v_wrong.keyword, ''), ''), ''), v_wrong.expected,
    v_wrong.came::text, 'docs/structured-output.md tells what is supported.');
end
$$;

revoke all on function @privschema@.check_schema from public;
comment on function @privschema@.check_schema is 'Raises ST004 for a JSON Schema with a word or shape that is not supported.';
