-- The kept results one may see: one's own that still count, and administrators all users'. With the owner's rights, and a barrier that
-- passes nothing on, for the reasons that steadytext_requests has.
create or replace view @extschema@.steadytext_cache with (security_barrier) as
select @privschema@.opaque(e.id) as id, @privschema@.opaque(e.user_id) as user_id, @privschema@.opaque(e.cache_key) as cache_key,
       @privschema@.opaque(e.cache_type) as cache_type, @privschema@.opaque(e.model) as model,
       @privschema@.opaque(e.model_digest) as model_digest, @privschema@.opaque(e.result) as result,
       @privschema@.opaque(e.embedding) as embedding, @privschema@.opaque(e.tokens_in) as tokens_in,
       @privschema@.opaque(e.tokens_out) as tokens_out, @privschema@.opaque(e.receipt) as receipt,
       @privschema@.opaque(e.entry_bytes) as entry_bytes, @privschema@.opaque(e.access_count) as access_count,
       @privschema@.opaque(e.last_accessed) as last_accessed, @privschema@.opaque(e.created_at) as created_at
from (
  select * from @privschema@.cache_states
  where counts and user_id = (select @extschema@.current_user_id()) and not (select @privschema@.sees_all())
  union all
  select * from @privschema@.cache_states
  where counts and (select @privschema@.sees_all())
) e;

comment on view @extschema@.steadytext_cache is
  'Your kept results that still count, with all columns of steadytext_cache_entries; administrators see those of all users.';
