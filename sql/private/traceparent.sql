-- The trace that the session says it is in, if it is written as W3C has it. No pinned search_path, so that it is inlined; it runs under
-- that of its callers.
create or replace function @privschema@.traceparent()
returns text
language sql stable
as $$
  select substring(current_setting('steadytext.traceparent', true) from '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$')
$$;

revoke all on function @privschema@.traceparent from public;
comment on function @privschema@.traceparent is 'Trace of the session, or null.';
