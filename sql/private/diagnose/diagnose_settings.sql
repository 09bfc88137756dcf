-- What ALTER DATABASE and ALTER SYSTEM say of our settings in vain, and what was set that nothing reads.
create or replace function @privschema@.diagnose_settings()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Settings', case when s.wrong is not null then 'WARNING' when s.idle is not null then 'INFO' else 'OK' end,
         coalesce(s.wrong, 'Without effect: ' || s.idle, 'All that was set counts'),
         case when s.wrong is not null then 'Set them anew; steadytext_config_list() says what each takes (allowed)'
              when s.idle is not null then 'docs/configuration.md says why, and what to do instead'
              else 'No action needed' end
  from (
    select (select string_agg(case when k.name is null then d.name || ' is no setting'
                     else format('%s should be %s, but is %s', d.name,
                       @privschema@.expected_value(k.unit, k.lowest, k.highest, k.choices), left(to_json(d.said)::text, 100)) end,
                   '; ' order by d.name)
            from @privschema@.said_settings() d left join @extschema@.steadytext_settings k on k.name = d.name
            where k.name is null or not @privschema@.fits_unit(
              @privschema@.canonical_value(d.said, k.unit), k.unit, k.lowest, k.highest, k.choices)) as wrong,
           (select string_agg(k.name, ', ' order by k.name) from @extschema@.steadytext_settings k
            where k.source <> 'default' and not k.has_effect) as idle
  ) s
$$;

revoke all on function @privschema@.diagnose_settings from public;
comment on function @privschema@.diagnose_settings is 'Whether all that is said of settings counts.';
