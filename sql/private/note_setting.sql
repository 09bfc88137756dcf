-- A setting that was changed says since when and by which door, and the audit log who changed it, from what to what: a
-- shorter retention drops logs, and who shortened it must not be lost. In one statement with the change, like all of the
-- audit log. A value that settings_value_fits_unit would refuse is refused here, in words. Our functions say when and where from;
-- who updates the value alone, which is all that an administrator may by hand, is an administrator as one by config_set.
create or replace function @privschema@.note_setting()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  new.value := @privschema@.canonical_value(new.value, new.unit);
  if not @privschema@.fits_unit(new.value, new.unit, new.lowest, new.highest, new.choices) then
    perform @privschema@.refuse_value(new.name, new.value, new.unit, new.lowest, new.highest, new.choices);
  end if;
  if new.updated_at = old.updated_at and new.value <> old.value then
    new.source := 'config_set';
    new.updated_at := clock_timestamp();
  end if;
  if (new.value, new.source) = (old.value, old.source) then
    return old;
  end if;
  if new.name = 'ha_primary_host' then
    perform @privschema@.route_sync(old.value, new.value);
  end if;
  perform @privschema@.log_action(@privschema@.login_name(), 'setting_changed', 'steadytext_settings', null,
    jsonb_build_object('setting', new.name, 'before', old.value, 'after', new.value, 'source', new.source));
  return new;
end
$$;

revoke all on function @privschema@.note_setting from public;
comment on function @privschema@.note_setting is 'Trigger: writes down when a setting was changed, by whom and how.';
