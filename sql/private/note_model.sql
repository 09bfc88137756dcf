-- The audit row of a default model or of a deleted one that an administrator has changed by hand. steadytext_set_default_model,
-- which says more, writes its own.
create or replace function @privschema@.note_model()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.log_action(@privschema@.login_name(),
    case tg_op when 'DELETE' then 'model_deleted' else 'default_model_set' end, 'steadytext_models', null,
    jsonb_build_object('model', old.name, 'kind', old.kind, 'before', old.is_default,
      'after', case tg_op when 'UPDATE' then new.is_default end));
  return null;
end
$$;

revoke all on function @privschema@.note_model from public;
comment on function @privschema@.note_model is 'Trigger: writes down who changed a default model or deleted one by hand.';
