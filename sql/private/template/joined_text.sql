-- The filter join. How long it becomes is known before it is made.
create or replace function @privschema@.joined_text(p_value jsonb, p_between text, p_place text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_items jsonb := @privschema@.loop_items(p_value, false, p_place);
begin
  if pg_column_size(v_items) + jsonb_array_length(v_items)::bigint * length(p_between) > 1000000 then
    perform @privschema@.refuse_size(0, 0);
  end if;
  return coalesce((
    select string_agg(@privschema@.value_text(e.value), p_between order by e.n)
    from jsonb_array_elements(v_items) with ordinality as e (value, n)), '');
end
$$;

revoke all on function @privschema@.joined_text from public;
comment on function @privschema@.joined_text is 'The items of a list in one text.';
