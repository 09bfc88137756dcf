-- The cache's entries with whether they still count: neither past their time nor cleared. The only place that says so. For our
-- functions alone, and no barrier: into one a look-up by key would not be passed on, and would read all entries of the user.
create or replace view @privschema@.cache_states as
select e.*, e.created_at >= greatest(
         statement_timestamp() - (select s.value::interval from @extschema@.steadytext_settings s where s.name = 'cache_ttl'),
         everybody.cleared_at, own.cleared_at) as counts
from @extschema@.steadytext_cache_entries e
left join @privschema@.cache_clears everybody on everybody.user_id = 0 and everybody.cache_type = e.cache_type
left join @privschema@.cache_clears own on own.user_id = e.user_id and own.cache_type = e.cache_type;

comment on view @privschema@.cache_states is 'Kept results of all users, with whether they still count.';
