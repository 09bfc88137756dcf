-- The instructions of an expression that goes to the end of its tag.
create or replace function @privschema@.tag_code(
  p_kinds text[], p_texts text[], p_places text[], p_from int, p_names text[], p_loops int, p_end text)
returns jsonb[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return @privschema@.expression_code(@privschema@.expression_parts(p_kinds, p_texts, p_places, p_from, p_names, p_loops, p_end));
end
$$;

revoke all on function @privschema@.tag_code from public;
comment on function @privschema@.tag_code is 'The instructions of an expression.';
