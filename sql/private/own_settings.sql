-- What the session has chosen for itself, which another session that works for it has to know: settings that are a user's, and the trace.
-- All of them always, those that say nothing as empty texts: the other session may have served somebody else before.
-- No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.own_settings()
returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'traceparent', coalesce(current_setting('steadytext.traceparent', true), ''),
    'default_seed', coalesce(current_setting('steadytext.default_seed', true), ''),
    'default_max_tokens', coalesce(current_setting('steadytext.default_max_tokens', true), ''),
    'embedding_dimensions', coalesce(current_setting('steadytext.embedding_dimensions', true), ''))
$$;

revoke all on function @privschema@.own_settings from public;
comment on function @privschema@.own_settings is 'What a session has chosen for itself, for one that works for it.';
