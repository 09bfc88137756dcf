-- What of results that were to be written goes with requests that were just pruned: what nobody has written by now is told of for as long
-- again. What somebody is just writing is not waited for.
create or replace function @privschema@.prune_write_backs(p_request_ids uuid[], p_before timestamptz, p_limit int)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update @privschema@.write_backs w
  set is_finished = true, outcome = 'expired', noted_at = clock_timestamp(),
      error = 'the request was pruned before its result was written'
  where w.request_id = any (array(
    select g.request_id from @privschema@.write_backs g
    where g.request_id = any (p_request_ids) and g.outcome is null
    for update skip locked));
  delete from @privschema@.write_backs w
  where w.request_id = any (array(
    select n.request_id from @privschema@.write_backs n
    where n.noted_at < p_before
    order by n.noted_at
    limit p_limit
    for update skip locked));
end
$$;

revoke all on function @privschema@.prune_write_backs from public;
comment on function @privschema@.prune_write_backs is 'Notes results that were never written, and deletes old notes.';
