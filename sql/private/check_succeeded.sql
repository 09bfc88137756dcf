-- A final request that did not complete has no result to give: its error is raised in its place.
create or replace function @privschema@.check_succeeded(p_request_id uuid, p_status text, p_error text, p_retry_count int)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_status = 'cancelled' then
    raise exception using errcode = 'ST008',
      message = format('Request %s should have completed, but was cancelled', p_request_id),
      hint = 'steadytext_retry_async enqueues it again.';
  elsif p_status <> 'completed' then
    raise exception 'Async request failed: %', coalesce(p_error, 'no reason given')
      using hint = format('After %s retries; steadytext_retry_async tries again.', p_retry_count);
  end if;
end
$$;

revoke all on function @privschema@.check_succeeded from public;
comment on function @privschema@.check_succeeded is 'Raises for a final request that did not complete.';
