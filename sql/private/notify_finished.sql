-- Tells whoever waits that requests are final, on our channel and on the reference's.
create or replace function @privschema@.notify_finished(p_request_ids uuid[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.send_notices('@channelprefix@steadytext_result', p_request_ids::text[]);
  perform @privschema@.send_notices('@channelprefix@steadytext_completed', p_request_ids::text[]);
end
$$;

revoke all on function @privschema@.notify_finished from public;
comment on function @privschema@.notify_finished is
  'Sends request ids to LISTEN steadytext_result and steadytext_completed.';
