-- A value that a setting cannot have. Hosts and ports in the words that users of the reference know.
create or replace function @privschema@.refuse_value(
  p_name text, p_value text, p_unit text, p_lowest bigint, p_highest bigint, p_choices text[])
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_expected text := @privschema@.expected_value(p_unit, p_lowest, p_highest, p_choices);
begin
  if p_unit in ('host', 'port') then
    raise exception '%', format('Invalid %s format', p_unit)
      using hint = format('%s should be %s, but is %s.', p_name, v_expected, coalesce(left(to_json(p_value)::text, 100), 'null'));
  end if;
  perform @privschema@.raise_option(p_name, v_expected, to_json(p_value)::text, case p_unit
    when 'interval' then 'Write it like 30 days: one whole number and minutes, hours, days, weeks, months or years.'
    when 'duration' then 'Write it like 5s or 7 days: one whole number and ms, s, min, h, d, or a unit written out.'
    when 'bytes' then 'Write it like 512MB: one whole number and kB, MB, GB or TB; without a unit it is bytes.'
    when 'boolean' then 'on and off, yes and no, 1 and 0 mean the same.'
    when 'enumeration' then 'Use one of these words.'
    else 'Write digits only.' end);
end
$$;

revoke all on function @privschema@.refuse_value from public;
comment on function @privschema@.refuse_value is 'Raises for a value that a setting cannot have, and says what it takes.';
