-- All settings, with what each takes.
create or replace function @extschema@.steadytext_config_list()
returns table (name text, value text, unit text, default_value text, scope text, source text, description text, allowed text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select s.name, s.value, s.unit, s.default_value, s.scope, s.source, s.description,
         @privschema@.expected_value(s.unit, s.lowest, s.highest, s.choices)
  from @extschema@.steadytext_settings s
  order by s.name
$$;

revoke all on function @extschema@.steadytext_config_list from public;
comment on function @extschema@.steadytext_config_list is
  'All settings: value, unit, default, who may set it (scope), where the value came from (source), what it does, what it takes.';
