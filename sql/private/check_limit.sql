-- How many rows a worker's call may take at most: some, and not all there are.
create or replace function @privschema@.check_limit(p_limit int)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_limit is null or p_limit not between 1 and 100000 then
    perform @privschema@.raise_option('limit', 'between 1 and 100000', p_limit::text, 'Leave it out for the default.');
  end if;
end
$$;

revoke all on function @privschema@.check_limit from public;
comment on function @privschema@.check_limit is 'Raises when a number of rows is out of range.';
