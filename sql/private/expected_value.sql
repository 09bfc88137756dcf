-- What a setting takes, in the words of an error: the other side of fits_unit.
create or replace function @privschema@.expected_value(p_unit text, p_lowest bigint, p_highest bigint, p_choices text[])
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case p_unit
    when 'interval' then 'a number and a unit, from 1 hour to 100 years'
    when 'duration' then 'a number and a unit, from 1ms to 100 years'
    when 'bytes' then format('a size from %sMB to %sTB', p_lowest >> 20, p_highest >> 40)
    when 'boolean' then 'true or false'
    when 'enumeration' then array_to_string(p_choices[:cardinality(p_choices) - 1], ', ') || ' or ' || p_choices[cardinality(p_choices)]
    when 'host' then format('a host''s name of %s to %s letters, digits, dots, dashes and underscores', p_lowest, p_highest)
    else format('a whole number from %s to %s', p_lowest, p_highest)
  end
$$;

revoke all on function @privschema@.expected_value from public;
comment on function @privschema@.expected_value is 'What a setting takes, in words.';
