-- What is there now of one's own, in one row; of administrators and metrics, of all users. Each part of the queue has its partial index. The
-- size of all users' cache is as maintenance counted it last: to add up a million entries takes longer than everything else here.
-- A barrier that passes nothing on.
create or replace view @privschema@.present_sums with (security_barrier) as
select @privschema@.opaque(s.pending) as pending, @privschema@.opaque(s.processing) as processing,
       @privschema@.opaque(s.failed) as failed, @privschema@.opaque(s.cache_bytes) as cache_bytes,
       @privschema@.opaque(s.cache_hits) as cache_hits, @privschema@.opaque(s.cache_misses) as cache_misses
from (
  select (select count(*) from @extschema@.steadytext_queue q where q.status = 'pending' and q.runnable
            and (a.all_users or q.user_id = a.user_id))
         + (select count(*) from @extschema@.steadytext_queue q where q.status = 'pending' and not q.runnable
              and (a.all_users or q.user_id = a.user_id)) as pending,
         (select count(*) from @extschema@.steadytext_queue q where q.status = 'processing'
            and (a.all_users or q.user_id = a.user_id)) as processing,
         (select count(*) from @extschema@.steadytext_queue q where q.status = 'failed'
            and (a.all_users or q.user_id = a.user_id)) as failed,
         case when a.all_users then (select sum(z.entry_bytes) from @privschema@.cache_sizes z)
              else (select coalesce(sum(e.entry_bytes), 0) from @extschema@.steadytext_cache_entries e where e.user_id = a.user_id)
              end as cache_bytes,
         t.hits as cache_hits, t.misses as cache_misses
  from (select (select @privschema@.counts_all()) as all_users, (select @extschema@.current_user_id()) as user_id) a
  cross join (select sum(c.hit_count) as hits, sum(c.miss_count) as misses from @privschema@.cache_totals c) t
) s;

comment on view @privschema@.present_sums is 'What waits, runs, has failed and is kept of your requests; for metrics of all users''.';
