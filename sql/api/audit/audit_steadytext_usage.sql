-- For triggers on tables of one's own: the audit row of each row that is written there (docs/audit.md).
create or replace function @extschema@.audit_steadytext_usage()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op not in ('INSERT', 'UPDATE') or tg_level <> 'ROW' then
    raise exception 'audit_steadytext_usage should be a trigger for each row of insert or update, but is one of % %',
      lower(tg_level), lower(tg_op)
      using hint = 'create trigger … after insert or update on … for each row execute function audit_steadytext_usage(''name'')';
  end if;
  insert into @privschema@.calls (call, options)
  values ('audit usage', jsonb_build_object('function_name', tg_argv[0], 'row', to_jsonb(new)));
  return new;
end
$$;

revoke all on function @extschema@.audit_steadytext_usage from public;
comment on function @extschema@.audit_steadytext_usage is
  'Trigger for tables of your own: writes each row that is written there into the audit log, as lengths and hashes.';
