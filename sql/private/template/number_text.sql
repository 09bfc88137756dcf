-- A number as Python writes it: whole numbers by their digits, others as a double, with an exponent below 1e-4 and from 1e16 on.
-- jsonb keeps 1.0 apart from 1, and 1e2 not from 100.
create or replace function @privschema@.number_text(p_number numeric)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
  v_double double precision;
  v_digits text;
begin
  if scale(p_number) = 0 or abs(p_number) >= 1e300 or length(p_number::text) > 1000 then
    return p_number::text;
  end if;
  v_double := p_number::double precision;
  if v_double <> 0 and (abs(v_double) < 1e-4 or abs(v_double) >= 1e16) then
    return v_double::text;
  end if;
  v_digits := v_double::text::numeric::text;
  return case when strpos(v_digits, '.') = 0 then v_digits || '.0' else v_digits end;
end
$$;

revoke all on function @privschema@.number_text from public;
comment on function @privschema@.number_text is 'A number as Python writes it.';
