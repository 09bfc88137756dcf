-- Has workers open their default models, or one by name: what is asked for then waits for none. Where not all fit into an engine, the
-- default text model is open in the end.
create or replace function @extschema@.steadytext_preload_models(model text default null, timeout_seconds int default 30)
returns table (worker text, state text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, model, options)
  values ('preload models', model, jsonb_build_object('timeout_seconds', timeout_seconds))
  returning answer into v_answer;
  return query select a.worker, a.state, a.detail from jsonb_to_recordset(v_answer) as a (worker text, state text, detail text);
end
$$;

revoke all on function @extschema@.steadytext_preload_models from public;
comment on function @extschema@.steadytext_preload_models is
  'Opens the default models, or one, in every worker that holds it; gives what each answered.';
