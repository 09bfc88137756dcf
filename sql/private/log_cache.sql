-- A line about the cache in the server's log, where log_cache_operations asks for them: counts and numbers of users, no text. Whoever
-- has set client_min_messages to log sees those of its own calls.
create or replace function @privschema@.log_cache(p_line text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if @privschema@.setting('log_cache_operations')::boolean then
    raise log 'steadytext cache: %', p_line;
  end if;
end
$$;

revoke all on function @privschema@.log_cache from public;
comment on function @privschema@.log_cache is 'Logs what happens in the cache, where that is wanted.';
