-- ST004 in its one form: what an option should have been, and what came. Both may hold what the caller wrote, so neither is longer
-- than a message should be: of a place in a schema its beginning and its end are shown.
create or replace function @privschema@.raise_option(p_name text, p_expected text, p_came text, p_hint text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'ST004',
    message = format('%s should be %s, but is %s',
      case when length(p_name) > 200 then left(p_name, 100) || '…' || right(p_name, 99) else p_name end, p_expected,
      coalesce(left(p_came, 100), 'null')),
    hint = p_hint;
end
$$;

revoke all on function @privschema@.raise_option from public;
comment on function @privschema@.raise_option is 'Raises ST004: an option outside its range.';
