-- A setting that an administrator has changed says since when, and the audit log who changed it, from what to what: a
-- shorter retention drops logs, and who shortened it must not be lost. In one statement with the change, like all of the
-- audit log. A value that settings_value_fits_unit would refuse is refused here, in words.
create or replace function @privschema@.note_setting()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not @privschema@.fits_unit(new.value, new.unit) then
    if new.unit = 'interval' then
      perform @privschema@.raise_option(new.name, 'a number and a unit, from 1 hour to 100 years', to_json(new.value)::text,
        'Write it like 30 days: one whole number and minutes, hours, days, weeks, months or years.');
    end if;
    perform @privschema@.raise_option(new.name, 'a whole number from 1 to 999999999', to_json(new.value)::text,
      'Write digits only.');
  end if;
  new.updated_at := clock_timestamp();
  perform @privschema@.log_action(@privschema@.login_name(), 'setting_changed', 'steadytext_settings', null,
    jsonb_build_object('setting', new.name, 'before', old.value, 'after', new.value));
  return new;
end
$$;

revoke all on function @privschema@.note_setting from public;
comment on function @privschema@.note_setting is 'Trigger: writes down when a setting was changed, by whom and how.';
