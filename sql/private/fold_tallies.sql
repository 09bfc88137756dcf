-- Makes one row of all rows of request_tallies that count the same kind of requests, where they have become many. Called every minute:
-- one at a time, by whoever gets the turn to add up, and nobody who settles waits for it. Both halves of the statement see the same rows.
create or replace function @privschema@.fold_tallies(p_many int default 100)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from @privschema@.request_tallies t offset p_many limit 1;
  if not found or not @privschema@.take_eviction_turn() then
    return;
  end if;
  with taken as (
    delete from @privschema@.request_tallies
  )
  insert into @privschema@.request_tallies (request_type, model, outcome, cache_hit, requests, retries, tokens_in, tokens_out,
    run_ms, run_counts, wait_ms, wait_counts)
  select t.request_type, t.model, t.outcome, t.cache_hit, t.requests, t.retries, t.tokens_in, t.tokens_out,
    t.run_ms, t.run_counts, t.wait_ms, t.wait_counts
  from @privschema@.request_totals t;
end
$$;

revoke all on function @privschema@.fold_tallies from public;
comment on function @privschema@.fold_tallies is 'Adds up the numbers of requests that ended.';
