-- Retention of both logs: whole weeks that are past it are dropped, which costs the same for a million rows as for
-- none.
create or replace function @privschema@.drop_partitions()
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock('@extschema@.steadytext_request_log'::regclass::oid::bigint);
  return @privschema@.drop_expired_partitions('steadytext_request_log', 'finished_at',
           now() - @privschema@.setting_interval('request_log_retention'))
       + @privschema@.drop_expired_partitions('steadytext_audit_log', 'timestamp',
           now() - @privschema@.setting_interval('audit_log_retention'));
end
$$;

revoke all on function @privschema@.drop_partitions from public;
comment on function @privschema@.drop_partitions is 'Drops log partitions past their retention; gives how many.';
