-- Whether a transaction of another session holds an advisory lock. If none does, this one has it until its end, beside others who ask.
create or replace function @privschema@.is_locked(p_lock_key bigint)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select not pg_try_advisory_xact_lock_shared(p_lock_key)
$$;

revoke all on function @privschema@.is_locked from public;
comment on function @privschema@.is_locked is 'Whether another transaction holds an advisory lock.';
