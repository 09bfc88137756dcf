-- The default models that no living worker serves: a request without a model waits there, for whom nobody can say. What a
-- draining worker serves does not count, since it takes no more.
create or replace function @privschema@.unserved_defaults()
returns table (kind text, name text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select m.kind, m.name
  from @extschema@.steadytext_models m
  where m.is_default and not exists (
    select from @privschema@.served_models() s where s.name = m.name and s.state <> 'draining')
$$;

revoke all on function @privschema@.unserved_defaults from public;
comment on function @privschema@.unserved_defaults is 'The default models that no living worker serves, by kind.';
