-- Takes over what ALTER DATABASE … SET steadytext.… says for all roles of this database, and nothing from anybody who calls: no
-- session, role or option of a connection has a say. Only who may change the database can have written it. What config_set
-- said stays; what the database does not say any more goes back to its default. Gives a row for each name of the database's.
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
           coalesce(@privschema@.canonical_value(d.said, s.unit), s.default_value) as value, d.name is not null as is_said, d.said,
           @privschema@.fits_unit(@privschema@.canonical_value(d.said, s.unit), s.unit, s.lowest, s.highest, s.choices) as fits,
           @privschema@.expected_value(s.unit, s.lowest, s.highest, s.choices) as expected
    from (select regexp_replace(lower(split_part(c.line, '=', 1) collate "C"), '^steadytext[.]', '') as name,
                 substr(c.line, strpos(c.line, '=') + 1) as said
          from pg_db_role_setting r cross join unnest(r.setconfig) as c (line)
          where r.setrole = 0 and r.setdatabase = (select b.oid from pg_database b where b.datname = current_database())
            and c.line collate "C" ilike 'steadytext.%') as d
    full join @extschema@.steadytext_settings s on s.name = d.name
    where (d.name is not null or s.source = 'database') and (p_only is null or p_only = s.name)
    order by 1
  loop
    name := v_row.name;
    value := v_row.held;
    detail := null;
    if not v_row.known then
      outcome := 'unknown';
      detail := 'There is no setting of this name' || coalesce('; did you mean ' || @privschema@.nearest_setting(name) || '?', '.');
    elsif v_row.is_said and not v_row.fits then
      outcome := 'refused';
      detail := format('%s should be %s, but is %s.', name, v_row.expected, left(to_json(v_row.said)::text, 100));
    elsif v_row.source = 'config_set' then
      outcome := case when v_row.held = v_row.value then 'unchanged' else 'kept' end;
      if outcome = 'kept' then
        detail := format('steadytext_config_set said %s, which counts until steadytext_config_reset(%L).', v_row.held, name)
          || case v_row.scope when 'user' then ' Sessions take the database''s as their own.' else '' end;
      end if;
    elsif v_row.is_said and v_row.source = 'database' and v_row.held = v_row.value then
      outcome := 'unchanged';
    else
      outcome := case when v_row.is_said then 'applied' else 'reset' end;
      update @extschema@.steadytext_settings s
      set value = v_row.value, source = case when v_row.is_said then 'database' else 'default' end, updated_at = clock_timestamp()
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
  'Takes over the database''s own settings; gives what became of each.';
