-- Brackets that are closed, or go on behind a comma: whether they are the right ones, and in `code` the instruction that comes of
-- them.
create or replace function @privschema@.count_item(p_part jsonb, p_open jsonb)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kind text := p_open ->> 'kind';
  v_sign text := p_part ->> 'kind';
  v_place text := p_part ->> 'place';
  v_is_empty boolean := p_part ? 'empty';
  v_count int := (p_open ->> 'count')::int + case when v_is_empty then 0 else 1 end;
  v_takes record;
begin
  if p_part ->> 'role' = 'end' then
    perform @privschema@.refuse_template(p_open ->> 'place', 'a bracket is not closed');
  elsif v_kind is null then
    perform @privschema@.refuse_template(v_place, format('"%s" should not stand here, outside of brackets', v_sign));
  elsif v_sign = ',' and v_kind in ('group', 'item') then
    perform @privschema@.refuse_template(v_place, 'several values in brackets are not supported: write a list, [a, b]');
  elsif v_sign <> ',' and v_sign <> (case when v_kind in ('list', 'item') then ']' else ')' end) then
    perform @privschema@.refuse_template(v_place, format('"%s" closes a bracket that was not opened', v_sign));
  elsif v_is_empty and v_kind in ('group', 'item') then
    perform @privschema@.refuse_template(v_place, 'brackets should hold a value');
  elsif v_kind = 'filter' and v_sign = ')' then
    v_takes := @privschema@.filter_arguments(p_open ->> 'name');
    if v_count not between v_takes.fewest and v_takes.most then
      perform @privschema@.refuse_template(p_open ->> 'place',
        format('the filter "%s" should have from %s to %s arguments, but has %s',
          p_open ->> 'name', v_takes.fewest, v_takes.most, v_count));
    end if;
  end if;
  return p_open || jsonb_build_object('count', v_count) || case v_kind
    when 'filter' then jsonb_build_object('code', jsonb_build_array('filter',
      jsonb_build_array(p_open -> 'name', v_count), p_open -> 'place'))
    when 'list' then jsonb_build_object('code', jsonb_build_array('list', v_count))
    when 'item' then jsonb_build_object('code', jsonb_build_array('item', null, p_open -> 'place', p_open -> 'path'))
    else '{}' end;
end
$$;

revoke all on function @privschema@.count_item from public;
comment on function @privschema@.count_item is 'Counts what brackets hold; refuses the wrong ones.';
