-- All schemas of a JSON Schema with their places (JSON pointers), itself first, down to `p_depth` within each other.
create or replace function @privschema@.schema_parts(p_schema jsonb, p_depth int)
returns table (depth int, pointer text, part jsonb)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with recursive parts (depth, pointer, part) as (
    select 0, '', p_schema
    union all
    select p.depth + 1, p.pointer || '/' || k.keyword || c.step, c.part
    from parts p
    cross join lateral jsonb_each(case when jsonb_typeof(p.part) = 'object' then p.part else '{}' end) as k (keyword, value)
    cross join lateral (values (@privschema@.schema_keywords() ->> k.keyword, jsonb_typeof(k.value))) as f (shape, found)
    cross join lateral (
      select '' as step, k.value as part where f.shape = 'schema'
      union all
      select '/' || e.position - 1, e.part
      from jsonb_array_elements(case when f.shape = 'schemas' and f.found = 'array' then k.value else '[]' end)
        with ordinality as e (part, position)
      union all
      select '/' || replace(replace(n.name, '~', '~0'), '/', '~1'), n.part
      from jsonb_each(case when f.shape = 'named schemas' and f.found = 'object' then k.value else '{}' end)
        as n (name, part)) c
    where p.depth < p_depth
  )
  select p.depth, p.pointer, p.part from parts p
$$;

revoke all on function @privschema@.schema_parts from public;
comment on function @privschema@.schema_parts is 'The schemas within a JSON Schema, each with its JSON pointer.';
