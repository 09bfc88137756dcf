-- A number as it is written in a template. One with a point or an exponent keeps a digit behind the point, by which it is told
-- from whole numbers from then on.
create or replace function @privschema@.written_number(p_text text, p_place text, p_is_negative boolean)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_number numeric;
begin
  if length(p_text) > 40 or p_text ~ '^0[0-9]' or p_text ~ '[eE][-+]?[0-9]{3}' then
    perform @privschema@.refuse_template(p_place, format(
      'the number %s should have at most 40 characters, 2 digits of exponent and no 0 in front', left(p_text, 41)));
  end if;
  v_number := p_text::numeric * case when p_is_negative then -1 else 1 end;
  return to_jsonb(case when p_text ~ '[.eE]' then round(v_number, greatest(scale(v_number), 1)) else v_number end);
end
$$;

revoke all on function @privschema@.written_number from public;
comment on function @privschema@.written_number is 'A number as it is written in a template.';
