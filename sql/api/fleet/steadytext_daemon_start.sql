-- Resumes a paused fleet, whose workers then begin what has waited. It starts no process: where no worker lives, it counts for those to
-- come, and this gives false.
create or replace function @extschema@.steadytext_daemon_start()
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call) values ('resume fleet') returning answer into v_answer;
  return v_answer::boolean;
end
$$;

revoke all on function @extschema@.steadytext_daemon_start from public;
comment on function @extschema@.steadytext_daemon_start is 'Resumes the fleet; gives whether a worker lives.';
