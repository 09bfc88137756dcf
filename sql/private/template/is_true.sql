-- Whether a value counts as true, as in Python: not what is undefined, none, false, 0 or empty.
create or replace function @privschema@.is_true(p_value jsonb)
returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return not coalesce(p_value in ('null', 'false', '0', '""', '[]', '{}'), true);
end
$$;

revoke all on function @privschema@.is_true from public;
comment on function @privschema@.is_true is 'Whether a value counts as true.';
