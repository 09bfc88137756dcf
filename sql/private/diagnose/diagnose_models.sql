-- Whether the default models are open somewhere.
create or replace function @privschema@.diagnose_models()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Model Status',
         case when count(*) > 0 and bool_and(coalesce(s.model_loaded, false)) then 'OK' else 'WARNING' end,
         'Models loaded: ' || coalesce(string_agg(m.name || ' ' || coalesce(s.model_loaded, false), ', ' order by m.kind desc, m.name), 'none'),
         case when count(*) > 0 and bool_and(coalesce(s.model_loaded, false)) then 'No action needed'
              else 'Preload models: SELECT steadytext_preload_models()' end
  from @extschema@.steadytext_models m
  left join @extschema@.steadytext_model_status() s on s.model = m.name
  where m.is_default
$$;

revoke all on function @privschema@.diagnose_models from public;
comment on function @privschema@.diagnose_models is 'Whether the default models are loaded.';
