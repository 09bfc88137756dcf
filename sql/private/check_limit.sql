-- How many rows a call of a worker may take at most.
create or replace function @privschema@.check_limit(p_limit int)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_limit is null or p_limit < 0 then
    perform @privschema@.raise_option('limit', '0 or more', p_limit::text, 'Leave it out for the default.');
  end if;
end
$$;

revoke all on function @privschema@.check_limit from public;
comment on function @privschema@.check_limit is 'Raises when a number of rows is null or negative.';
