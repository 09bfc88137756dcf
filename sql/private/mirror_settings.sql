-- Takes over what ALTER DATABASE … SET steadytext.… says for all roles of this database, then what ALTER SYSTEM said when an
-- administrator's login read it last, and nothing from anybody who calls: no
-- session, role or option of a connection has a say. Only who may change the database can have written it. What config_set
-- said stays; what neither says any more goes back to its default. Gives a row for each name of theirs.
-- Whoever has a row of the settings changed and has not committed is waited for by no maintenance for long.
create or replace function @privschema@.mirror_settings(p_only text default null)
returns table (name text, value text, outcome text, detail text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
#variable_conflict use_column
declare
  v_row record;
begin
  for v_row in
    select coalesce(s.name, d.name) as name, s.name is not null as known, s.value as held, s.source, s.scope, s.has_effect,
           coalesce(@privschema@.canonical_value(d.said, s.unit), s.default_value) as value, coalesce(d.source, 'default') as said_by, d.said,
           @privschema@.fits_unit(@privschema@.canonical_value(d.said, s.unit), s.unit, s.lowest, s.highest, s.choices) as fits,
           @privschema@.expected_value(s.unit, s.lowest, s.highest, s.choices) as expected
    from @privschema@.said_settings() d
    full join @extschema@.steadytext_settings s on s.name = d.name
    where (d.name is not null or s.source in ('database', 'system')) and (p_only is null or p_only = s.name)
    order by 1
  loop
    name := v_row.name;
    value := v_row.held;
    detail := null;
    if not v_row.known then
      outcome := 'unknown';
      detail := 'There is no setting of this name' || coalesce('; did you mean ' || @privschema@.nearest_setting(name) || '?', '.');
    elsif v_row.said_by <> 'default' and not v_row.fits then
      outcome := 'refused';
      detail := format('%s should be %s, but is %s.', name, v_row.expected, left(to_json(v_row.said)::text, 100));
    elsif v_row.source = 'config_set' then
      outcome := case when v_row.held = v_row.value then 'unchanged' else 'kept' end;
      if outcome = 'kept' then
        detail := format('steadytext_config_set said %s, which counts until steadytext_config_reset(%L).', v_row.held, name)
          || case v_row.scope when 'user' then ' Sessions take the database''s as their own.' else '' end;
      end if;
    elsif v_row.said_by <> 'default' and v_row.source = v_row.said_by and v_row.held = v_row.value then
      outcome := 'unchanged';
    else
      outcome := case when v_row.said_by <> 'default' then 'applied' else 'reset' end;
      update @extschema@.steadytext_settings s
      set value = v_row.value, source = v_row.said_by, updated_at = clock_timestamp()
      where s.name = v_row.name and s.source <> 'config_set'
      returning s.value into value;
      -- An administrator was faster.
      continue when not found;
      detail := case when not v_row.has_effect then 'Nothing reads it in this release.' end;
    end if;
    return next;
  end loop;
end
$$;

revoke all on function @privschema@.mirror_settings from public;
comment on function @privschema@.mirror_settings is
  'Takes over what ALTER DATABASE and ALTER SYSTEM say of settings; gives what became of each.';
