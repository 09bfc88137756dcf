-- Whether a value of steadytext_settings is one of its unit and within its bounds: what the constraint settings_value_fits_unit
-- says, asked before it, since a constraint has no words of its own, and asked of values that are not written there. A null is none.
create or replace function @privschema@.fits_unit(
  p_value text, p_unit text, p_lowest bigint, p_highest bigint, p_choices text[])
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    case p_unit
      when 'interval' then
        case when p_value ~ '^[0-9]{1,7} (minute|hour|day|week|month|year)s?$'
             then p_value::interval between interval '1 hour' and interval '100 years' end
      when 'duration' then
        case when p_value ~ '^[0-9]{1,7} ?(ms|s|min|h|d|(millisecond|second|minute|hour|day|week|month|year)s?)$'
             then p_value::interval between interval '1 millisecond' and interval '100 years' end
      when 'bytes' then
        case when p_value ~ '^([0-9]{1,15}( ?kB)?|[0-9]{1,9} ?MB|[0-9]{1,6} ?GB|[0-9]{1,3} ?TB)$'
             then pg_size_bytes(p_value) between p_lowest and p_highest end
      when 'boolean' then p_value in ('true', 'false')
      when 'enumeration' then p_value = any (p_choices)
      when 'host' then p_value ~ '^[A-Za-z0-9._-]*$' and length(p_value) between p_lowest and p_highest
      else case when p_value ~ '^[0-9]{1,10}$' then p_value::bigint between p_lowest and p_highest end
    end, false)
$$;

revoke all on function @privschema@.fits_unit from public;
comment on function @privschema@.fits_unit is 'Whether a setting''s value is one that its unit and its bounds have.';
