-- Whether a value of steadytext_settings is one of its unit: what the constraint settings_value_fits_unit says, asked before
-- it, since a constraint has no words of its own. A null is none.
create or replace function @privschema@.fits_unit(p_value text, p_unit text)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    case when p_unit <> 'interval' then p_value ~ '^[0-9]{1,9}$' and p_value::bigint > 0
         when p_value ~ '^[0-9]{1,7} (minute|hour|day|week|month|year)s?$'
           then p_value::interval between interval '1 hour' and interval '100 years' end, false)
$$;

revoke all on function @privschema@.fits_unit from public;
comment on function @privschema@.fits_unit is 'Whether a setting''s value is one that its unit has.';
