-- Rows of the audit log and of its seals are written once, for the owner of the database too. Two of our own functions may do
-- otherwise, in the transactions that they write down: retention, of what is sealed, and erasing, of texts. Who takes this
-- trigger away can change rows, and the seals tell.
create or replace function @privschema@.refuse_audit_change()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op <> 'TRUNCATE' and tg_table_name <> 'steadytext_audit_seals' and pg_current_xact_id_if_assigned() is not null and exists (
    select from @privschema@.audit_permits p where p.xid = pg_current_xact_id_if_assigned())
  then
    return case tg_op when 'UPDATE' then new else old end;
  end if;
  raise exception 'Rows of % should stay as they were written, but a statement is to % them', tg_table_name, lower(tg_op)
    using errcode = 'insufficient_privilege',
      hint = 'Old ones leave by audit_log_retention; steadytext_erase_user takes away a user''s texts.';
end
$$;

revoke all on function @privschema@.refuse_audit_change from public;
comment on function @privschema@.refuse_audit_change is 'Trigger: refuses changes of the audit log.';
