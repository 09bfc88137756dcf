-- Each partition of the audit log refuses to be emptied by itself; rows are seen to by the table's own trigger.
create or replace function @privschema@.refuse_truncate(p_partition text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('create or replace trigger audit_log_refuse_truncate before truncate on @privschema@.%I '
    'for each statement execute function @privschema@.refuse_audit_change()', p_partition);
end
$$;

revoke all on function @privschema@.refuse_truncate from public;
comment on function @privschema@.refuse_truncate is 'Has a partition of the audit log refuse TRUNCATE.';
