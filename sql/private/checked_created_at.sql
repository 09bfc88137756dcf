-- A direct insert may say when it was made, as clients of the reference do; waits and ages are counted from it. A clock
-- that is a little ahead is taken for now; what no clock says is refused.
create or replace function @privschema@.checked_created_at(p_created_at timestamptz)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_created_at not between now() - interval '1 day' and now() + interval '1 minute' then
    perform @privschema@.raise_option('created_at', 'now, or at most a day ago', p_created_at::text,
      'Leave it out; a time to run at is scheduled_at of the functions.');
  end if;
  return coalesce(least(p_created_at, now()), now());
end
$$;

revoke all on function @privschema@.checked_created_at from public;
comment on function @privschema@.checked_created_at is 'Time of a direct insert; ST004 when it cannot be.';
