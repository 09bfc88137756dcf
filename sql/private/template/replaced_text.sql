-- The filter replace: old, new, and how often at most. How long it becomes is known before it is made.
create or replace function @privschema@.replaced_text(p_text text, p_arguments jsonb[], p_place text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_old text := @privschema@.value_text(p_arguments[1]);
  v_new text := @privschema@.value_text(p_arguments[2]);
  v_parts text[];
  v_times int;
begin
  if cardinality(p_arguments) = 3 and
    (coalesce(jsonb_typeof(p_arguments[3]), '') not in ('null', 'number') or (p_arguments[3] #>> '{}') ~ '[.]') then
    perform @privschema@.refuse_render(p_place, format('replace should count by a whole number, not by %s',
      @privschema@.type_name(p_arguments[3])));
  end if;
  perform @privschema@.check_sought(v_old, 1000, p_place);
  -- Python puts the new text around every character of the old one if nothing is to be replaced.
  v_parts := case when v_old = '' then '{""}' || string_to_array(p_text, null) || '{""}' when p_text = '' then '{""}'
    else string_to_array(p_text, v_old) end;
  v_times := cardinality(v_parts) - 1;
  if (p_arguments[3] #>> '{}')::numeric between 0 and v_times then
    v_times := (p_arguments[3] #>> '{}')::int;
  end if;
  if length(p_text) + v_times::bigint * (length(v_new) - length(v_old)) > 1000000 then
    perform @privschema@.refuse_size(0, 0);
  end if;
  return array_to_string(v_parts[:v_times + 1], v_new)
    || case when v_times + 1 < cardinality(v_parts) then v_old || array_to_string(v_parts[v_times + 2:], v_old) else '' end;
end
$$;

revoke all on function @privschema@.replaced_text from public;
comment on function @privschema@.replaced_text is 'A text with another one in place of one.';
