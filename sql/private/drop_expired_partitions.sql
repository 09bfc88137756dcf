-- Drops the partitions of one log that ended before the given time, oldest first, and deletes such rows of the
-- default one. What was sealed is first written down as dropped; a week of the audit log with a row that is not sealed yet stays.
create or replace function @privschema@.drop_expired_partitions(p_log text, p_column text, p_before timestamptz)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
-- Dropping locks the log against everybody for a moment: never wait for that behind a reader. The next run tries again.
set lock_timeout = '200ms'
as $$
declare
  v_name text;
  v_dropped int := 0;
  v_in_default boolean;
begin
  for v_name in
    select c.relname
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = format('@extschema@.%I', p_log)::regclass and c.relname ~ '_[0-9]{8}$'
      and (right(c.relname, 8)::date + 7)::timestamp at time zone 'UTC' <= p_before
    order by c.relname
  loop
    continue when p_log = 'steadytext_audit_log' and not @privschema@.seal_dropped(v_name, p_before);
    execute format('drop table @privschema@.%I', v_name);
    v_dropped := v_dropped + 1;
  end loop;
  -- DELETE of no rows is refused too where a publication cannot tell old rows, and would take the drops back with it.
  execute format('select exists (select from @privschema@.%I where %I < %L)', p_log || '_default', p_column, p_before)
    into v_in_default;
  if v_in_default and (p_log <> 'steadytext_audit_log' or @privschema@.seal_dropped(p_log || '_default', p_before)) then
    insert into @privschema@.audit_permits (xid) values (pg_current_xact_id()) on conflict do nothing;
    execute format('delete from @privschema@.%I where %I < %L', p_log || '_default', p_column, p_before);
    delete from @privschema@.audit_permits p where p.xid = pg_current_xact_id();
  end if;
  return v_dropped;
end
$$;

revoke all on function @privschema@.drop_expired_partitions from public;
comment on function @privschema@.drop_expired_partitions is
  'Drops the partitions of a log that ended before a time; gives how many.';
