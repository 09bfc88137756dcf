-- What a keyed request was called with, as it was given. What is stored of it has defaults filled in and the default model
-- named, so that after a change of either the very same call looked like another request, and was refused. Null without a
-- key, and for the requests from before: those are compared by what is stored.
alter table @extschema@.steadytext_queue add column call_digest bytea;

comment on column @extschema@.steadytext_queue.call_digest is
  'Of a request with an idempotency key: the options and the model of its call as given, before defaults.';

-- A signature that has gone: it takes the digest.
drop function if exists @privschema@.known_requests(int, text, text[], jsonb, text, text[], bigint, text[]);
