-- A role's own kept result under a key, where it still counts and comes of the model that is served.
create or replace function @privschema@.kept_result(p_role_name text, p_key text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(e.result, e.embedding::text)
  from @privschema@.cache_states e
  join @extschema@.steadytext_models m on m.name = e.model and m.digest = e.model_digest
  where e.user_id = @extschema@.steadytext_user_id(p_role_name) and e.cache_key = p_key and e.counts
$$;

revoke all on function @privschema@.kept_result from public;
comment on function @privschema@.kept_result is 'Kept result of a role under a key, or null.';
