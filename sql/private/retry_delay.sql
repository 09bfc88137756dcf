-- How long a request waits after its n-th failed attempt: doubling from one second to ten minutes, spread by a
-- quarter to both sides so that what failed together does not come back together. p_jitter is random, 0 to 1.
-- 1: 0.75-1.25 s · 2: 1.5-2.5 s · 3: 3-5 s · 4: 6-10 s · 5: 12-20 s · 8: 96-160 s · from 11 on: 450-750 s.
-- No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.retry_delay(p_retry_count int, p_jitter double precision)
returns interval
language sql immutable parallel safe
as $$
  select make_interval(secs => least(600, 2 ^ least(p_retry_count - 1, 10)) * (0.75 + 0.5 * p_jitter))
$$;

revoke all on function @privschema@.retry_delay from public;
comment on function @privschema@.retry_delay is 'Back-off after the n-th failed attempt.';
