-- A setting's value in the one form it is stored in: PostgreSQL's other words for true and false, and capitals in an
-- enumeration, mean the same. What is none of its unit stays as it came, to be shown by the error.
create or replace function @privschema@.canonical_value(p_value text, p_unit text)
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_unit = 'enumeration' then lower(p_value collate "C")
    when p_unit <> 'boolean' then p_value
    when lower(p_value collate "C") in ('on', 'yes', '1', 'true') then 'true'
    when lower(p_value collate "C") in ('off', 'no', '0', 'false') then 'false'
    else p_value
  end
$$;

revoke all on function @privschema@.canonical_value from public;
comment on function @privschema@.canonical_value is 'A setting''s value in the form it is stored in.';
