-- What any request may be given besides its input and params: a place in its user's order, a time, a key.
create or replace function @privschema@.check_schedule(
  p_priority int, p_scheduled_at timestamptz, p_idempotency_key text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_priority not between 1 and 10 then
    perform @privschema@.raise_option('priority', 'between 1 and 10', p_priority::text,
      'Higher runs first among your own requests; 5 is the default.');
  end if;
  if not isfinite(p_scheduled_at) then
    perform @privschema@.raise_option('scheduled_at', 'a point in time', p_scheduled_at::text,
      'Leave it out to run at once.');
  end if;
  if p_idempotency_key ~ E'[\\x01-\\x1f\\x7f]' then
    perform @privschema@.raise_option('idempotency_key', 'without control characters',
      to_json(p_idempotency_key)::text, 'Use visible characters.');
  end if;
  if length(p_idempotency_key) not between 1 and 200
    or btrim(p_idempotency_key, @privschema@.blank_characters()) = '' then
    perform @privschema@.raise_option('idempotency_key', '1 to 200 characters, not all white space',
      to_json(p_idempotency_key)::text, 'Leave it out where repeating the call may repeat the request.');
  end if;
end
$$;

revoke all on function @privschema@.check_schedule from public;
comment on function @privschema@.check_schedule is 'Raises when priority, time or key of a request is out of range.';
