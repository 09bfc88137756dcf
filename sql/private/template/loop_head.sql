-- What a `for` says: the names that it gives, and from which token to which its list is written. `items` for two names, which take
-- the names and values of an object: the one call that there is.
create or replace function @privschema@.loop_head(
  p_kinds text[], p_texts text[], p_places text[], out names text[], out first int, out last int, out is_items boolean)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  n int := cardinality(p_texts);
  v_name text;
begin
  names := case when p_texts[3] = ',' then array[p_texts[2], p_texts[4]] else array[p_texts[2]] end;
  first := 2 + 2 * cardinality(names);
  is_items := coalesce(p_texts[n - 3:n] = '{.,items,(,)}', false);
  last := case when is_items then n - 4 else n end;
  if p_kinds[2] is distinct from 'name' or (cardinality(names) = 2 and p_kinds[4] is distinct from 'name')
    or p_texts[first - 1] is distinct from 'in' then
    perform @privschema@.refuse_template(p_places[1], 'a for should be "for name in list" or "for name, name in object.items()"');
  elsif (cardinality(names) = 2) <> is_items then
    perform @privschema@.refuse_template(p_places[1], 'two names, and only they, should be for names and values: object.items()');
  end if;
  foreach v_name in array names loop
    if starts_with(v_name, '__') or v_name in
      ('loop', 'true', 'True', 'false', 'False', 'none', 'None', 'and', 'or', 'not', 'in', 'is', 'if', 'else', 'elif') then
      perform @privschema@.refuse_template(p_places[2], format('"%s" cannot be the name of what a loop gives', v_name));
    end if;
  end loop;
  if p_texts[last] = 'recursive' and last > first then
    perform @privschema@.refuse_template(p_places[last], 'recursive loops are not supported');
  end if;
end
$$;

revoke all on function @privschema@.loop_head from public;
comment on function @privschema@.loop_head is 'What a for says.';
