-- Whether a final request had its result from elsewhere, and used nothing: what is completed and was never claimed came from the cache,
-- and what shared another's run says so in its receipt. The one place that says so, for the log and for what is counted.
-- No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.is_cache_hit(p_status text, p_lease_token bigint, p_receipt jsonb)
returns boolean
language sql immutable parallel safe
as $$
  select p_status = 'completed' and (p_lease_token = 0 or coalesce(p_receipt ? 'shared', false))
$$;

revoke all on function @privschema@.is_cache_hit from public;
comment on function @privschema@.is_cache_hit is 'Whether a final request had its result from the cache or from another''s run.';
