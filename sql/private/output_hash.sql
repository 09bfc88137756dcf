-- sha256 (hex) of what came of a request: of a text its bytes in UTF-8, of a vector its 32-bit floats, each as four bytes,
-- the most significant first. Workers compute the same in workers/handlers/receipt.ts.
create or replace function @privschema@.output_hash(p_result text, p_embedding real[])
returns text
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(coalesce(convert_to(p_result, 'UTF8'), (
    select string_agg(float4send(e.value), '' order by e.position)
    from unnest(p_embedding) with ordinality as e (value, position)))), 'hex')
$$;

revoke all on function @privschema@.output_hash from public;
comment on function @privschema@.output_hash is 'sha256 (hex) of a text, or of the numbers of a vector.';
