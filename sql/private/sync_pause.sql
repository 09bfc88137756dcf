-- Seconds between two looks at a call that has been waited for so long: 1 ms at first, 10 ms after one second, 25 ms from 2.5 on.
create or replace function @privschema@.sync_pause(p_waited double precision)
returns double precision
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select least(greatest(p_waited / 100, 0.001), 0.025)
$$;

revoke all on function @privschema@.sync_pause from public;
comment on function @privschema@.sync_pause is 'Seconds between two looks at a synchronous call.';
