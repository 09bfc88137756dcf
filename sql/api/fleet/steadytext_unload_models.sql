-- Has workers close models that have nothing to do, all or one by name. They are opened again when they are asked for.
create or replace function @extschema@.steadytext_unload_models(model text default null, timeout_seconds int default 30)
returns table (worker text, state text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, model, options)
  values ('unload models', model, jsonb_build_object('timeout_seconds', timeout_seconds))
  returning answer into v_answer;
  return query select a.worker, a.state, a.detail from jsonb_to_recordset(v_answer) as a (worker text, state text, detail text);
end
$$;

revoke all on function @extschema@.steadytext_unload_models from public;
comment on function @extschema@.steadytext_unload_models is
  'Closes idle models, all or one, in every worker; gives what each answered.';
