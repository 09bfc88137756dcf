-- Where one's own results are to be written and what came of it; administrators see those of all users. A barrier for the reasons that
-- steadytext_requests has, and as there nothing is passed on but request_id.
create or replace view @extschema@.steadytext_write_backs with (security_barrier) as
select w.request_id, @privschema@.opaque(w.user_id) as user_id, @privschema@.opaque(w.into_table) as into_table,
       @privschema@.opaque(w.into_column) as into_column, @privschema@.opaque(w.into_key) as into_key,
       @privschema@.opaque(w.from_column) as from_column, @privschema@.opaque(w.outcome) as outcome,
       @privschema@.opaque(w.error) as error, @privschema@.opaque(w.noted_at) as noted_at
from (
  select * from @privschema@.write_backs
  where user_id = (select @extschema@.current_user_id()) and not (select @privschema@.sees_all())
  union all
  select * from @privschema@.write_backs
  where (select @privschema@.sees_all())
) w;

comment on view @extschema@.steadytext_write_backs is
  'Your results that go into tables: where, and since when applied, stale, refused, failed, cancelled or expired; null while waiting.';
