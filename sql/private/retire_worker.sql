-- A worker that leaves in order takes its row and its fair order with it. What it served is remembered, for whoever asks
-- whether a prompt has to wait for its successor. What it still holds is rescued when the leases end.
create or replace function @privschema@.retire_worker(p_worker_id uuid)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  with gone as (
    delete from @extschema@.steadytext_workers w where w.worker_id = p_worker_id returning w.models
  )
  insert into @privschema@.retired_workers (worker_id, models, retired_at)
  select p_worker_id, g.models, clock_timestamp() from gone g
  on conflict (worker_id) do update set models = excluded.models, retired_at = excluded.retired_at;
  -- In the order in which a claim locks them: one of this worker may still run.
  delete from @privschema@.claim_cursors c where c.worker_id = p_worker_id;
  delete from @privschema@.virtual_times t where t.worker_id = p_worker_id;
end
$$;

revoke all on function @privschema@.retire_worker from public;
comment on function @privschema@.retire_worker is 'Removes the row of a worker that has stopped.';
