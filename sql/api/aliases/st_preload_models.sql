-- steadytext_preload_models under its short name. Made of that one's file, with which a test compares it.
create or replace function @extschema@.st_preload_models(model text default null, timeout_seconds int default 30)
returns table (worker text, state text, detail text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select * from @extschema@.steadytext_preload_models(model, timeout_seconds)
$$;

revoke all on function @extschema@.st_preload_models from public;
comment on function @extschema@.st_preload_models is 'Short for steadytext_preload_models.';
