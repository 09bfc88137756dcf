-- Clears what was kept of one's own requests, for administrators of all users'. It counts no more from the commit on; maintenance
-- deletes it. Gives how many entries that were.
create or replace function @extschema@.steadytext_clear_cache(cache_type text default 'all')
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, options)
  values ('clear cache', jsonb_build_object('cache_type', cache_type))
  returning answer into v_answer;
  return v_answer::bigint;
end
$$;

revoke all on function @extschema@.steadytext_clear_cache from public;
comment on function @extschema@.steadytext_clear_cache is
  'Clears kept results: generation, embedding, reranking or all; gives how many. Yours; an administrator''s call clears all users''.';
