-- Whether synchronous functions work: their side channel is opened once, as a call would do it.
create or replace function @privschema@.diagnose_side_channel()
returns table (check_name text, status text, details text, recommendation text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  check_name := 'Side Channel';
  perform @privschema@.sync_route();
  details := case when @privschema@.sync_try() then 'Works, and sessions keep their connections'
                  else 'Works; each call opens a connection of its own' end;
  status := 'OK';
  recommendation := 'No action needed';
  return next;
exception
  when sqlstate 'ST012' then
    status := 'INFO';
    details := 'Not set up: synchronous functions give cached results alone';
    recommendation := 'Where they are wanted, an administrator runs: steadytext setup sync';
    return next;
  when others then
    get stacked diagnostics details = message_text, recommendation = pg_exception_hint;
    status := 'ERROR';
    recommendation := coalesce(nullif(recommendation, ''), 'Set it up again: steadytext setup sync');
    return next;
end
$$;

revoke all on function @privschema@.diagnose_side_channel from public;
comment on function @privschema@.diagnose_side_channel is 'Whether synchronous functions work.';
