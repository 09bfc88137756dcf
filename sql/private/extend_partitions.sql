-- Makes the partitions of this week and the next four, for both logs. Weeks begin on Monday, UTC. Gives how many were
-- made.
create or replace function @privschema@.extend_partitions()
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_monday date := date_trunc('week', now() at time zone 'UTC')::date;
  v_made int := 0;
begin
  -- Two at once would make the same tables; the second finds them made.
  perform pg_advisory_xact_lock('@extschema@.steadytext_request_log'::regclass::oid::bigint);
  for v_week in 0 .. 4 loop
    v_made := v_made + @privschema@.make_partition('steadytext_request_log', 'finished_at', v_monday + 7 * v_week)::int;
    v_made := v_made + @privschema@.make_partition('steadytext_audit_log', 'timestamp', v_monday + 7 * v_week)::int;
  end loop;
  return v_made;
end
$$;

revoke all on function @privschema@.extend_partitions from public;
comment on function @privschema@.extend_partitions is 'Makes coming weeks'' partitions of the logs; gives how many.';
