-- After a call through the side channel that came to no answer: cancels what it enqueued, and says what it came to instead, as data.
-- Only a cancel is raised, and statement_timeout, which is one.
create or replace function @privschema@.sync_failure(
  p_sqlstate text, p_message text, p_hint text, p_dblink text, p_connection text, p_role_name text,
  p_request_ids uuid[], p_payload text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.sync_abandon(p_dblink, p_connection, p_role_name, p_request_ids, p_payload);
  if p_sqlstate = '57014' then
    raise exception using errcode = p_sqlstate, message = p_message;
  elsif p_sqlstate ~ '^(08|57P)' then
    return @privschema@.error_answer('ST013',
      'The side channel should stay open until the result comes, but was lost', 'The request goes on. Repeat the call.');
  end if;
  return @privschema@.error_answer(p_sqlstate, p_message, p_hint);
end
$$;

revoke all on function @privschema@.sync_failure from public;
comment on function @privschema@.sync_failure is 'Gives up a call through the side channel; gives its error, or raises a cancel.';
