-- The reference's name for clearing all types.
create or replace function @extschema@.steadytext_cache_clear()
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return @extschema@.steadytext_clear_cache('all');
end
$$;

revoke all on function @extschema@.steadytext_cache_clear from public;
comment on function @extschema@.steadytext_cache_clear is 'Clears all kept results, as steadytext_clear_cache(''all'') does.';
