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
  select w.* into v_wrong
  from @privschema@.schema_parts(p_schema, 64) p
  cross join lateral (
    select p.depth, p.pointer, null::text as keyword, 'a schema (an object, true or false)' as expected, p.part as came
    where jsonb_typeof(p.part) not in ('object', 'boolean')
    union all
    select p.depth, p.pointer, k.keyword, s.expected, k.value
    from jsonb_each(case when jsonb_typeof(p.part) = 'object' then p.part else '{}' end) as k (keyword, value)
    cross join lateral (
      values (@privschema@.schema_shape(v_keywords ->> k.keyword, k.value, p.depth = 0))) as s (expected)
    where s.expected is not null or not v_keywords ? k.keyword) w
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
