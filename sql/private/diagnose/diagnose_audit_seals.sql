-- Whether the audit log is sealed, and its seals are signed. Rows of a transaction that is still open count only after ten minutes.
create or replace function @privschema@.diagnose_audit_seals()
returns table (check_name text, status text, details text, recommendation text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select 'Audit Seals', case when s.late then 'WARNING' when s.seals = 0 or s.unsigned > 0 then 'INFO' else 'OK' end,
         case when s.late then 'Rows of more than ten minutes ago are not sealed'
              when s.seals = 0 then 'Nothing was sealed yet'
              when s.unsigned > 0 then format('%s of %s seals are not signed', s.unsigned, s.seals)
              else format('%s seals, all signed', s.seals) end,
         case when s.late then 'Start a worker, or end the transaction that has been open for so long; steadytext_verify_audit() tells more'
              when s.seals = 0 then 'Workers do it every minute'
              when s.unsigned > 0 then 'Give the workers a key (STEADYTEXT_AUDIT_KEY_FILE): without one the owner of the database could make seals anew'
              else 'No action needed' end
  from (
    select (select count(*) from @extschema@.steadytext_audit_seals) as seals,
           (select count(*) from @extschema@.steadytext_audit_seals n where n.mac is null) as unsigned,
           exists (select from @extschema@.steadytext_audit_log a
                   where a."timestamp" < clock_timestamp() - interval '10 minutes' and a.id >= coalesce((
                     select upper(n.ids) from @extschema@.steadytext_audit_seals n
                     where n.row_count > 0 and n.kind in ('found', 'rows') order by n.number desc limit 1), 0)) as late
  ) s
$$;

revoke all on function @privschema@.diagnose_audit_seals from public;
comment on function @privschema@.diagnose_audit_seals is 'Whether the audit log is sealed and its seals are signed.';
