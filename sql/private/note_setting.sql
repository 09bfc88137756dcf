-- A setting that an administrator has changed says since when, and the audit log who changed it, from what to what: a
-- shorter retention drops logs, and who shortened it must not be lost. In one statement with the change, like all of the
-- audit log.
create or replace function @privschema@.note_setting()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at := clock_timestamp();
  perform @privschema@.log_action(@privschema@.login_name(), 'setting_changed', 'steadytext_settings', null,
    jsonb_build_object('setting', new.name, 'before', old.value, 'after', new.value));
  return new;
end
$$;

revoke all on function @privschema@.note_setting from public;
comment on function @privschema@.note_setting is 'Trigger: writes down when a setting was changed, by whom and how.';
