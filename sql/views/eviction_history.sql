-- The last hundred evictions, as the view of the same name that users of other systems make for themselves.
create or replace view @extschema@.eviction_history with (security_invoker = true) as
select l.eviction_time, l.cache_type, l.entries_before, l.entries_after, l.bytes_freed, l.duration_ms, l.eviction_strategy
from @extschema@.steadytext_eviction_log l
order by l.eviction_time desc
limit 100;

comment on view @extschema@.eviction_history is 'The last hundred evictions, the newest first.';
