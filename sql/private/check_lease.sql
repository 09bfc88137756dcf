-- How long a lease may be: what STEADYTEXT_LEASE_SECONDS takes. A shorter one would be over before its first renewal; one
-- without end would keep the requests of a worker that died for ever.
create or replace function @privschema@.check_lease(p_lease_seconds real)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- NaN is greater than all numbers.
  if p_lease_seconds is null or p_lease_seconds not between 1 and 3600 then
    perform @privschema@.raise_option('lease_seconds', 'between 1 and 3600', p_lease_seconds::text,
      'Leave it out for 30 seconds.');
  end if;
end
$$;

revoke all on function @privschema@.check_lease from public;
comment on function @privschema@.check_lease is 'Raises when the length of a lease is null or out of range.';
