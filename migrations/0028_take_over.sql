-- What a database may have from before, and what of it stood in the way.

-- 0.01 in four bytes is less than 0.01 in eight, so that the smallest weight there is was refused.
alter table @extschema@.steadytext_users
  drop constraint users_weight_in_range,
  add constraint users_weight_in_range check (weight between 0.01::real and 1000::real);

-- Embeddings asked for with a key before there was on_long_text say nothing of it, and were cut as they are now: the same call
-- again is the same request.
update @extschema@.steadytext_queue
set params = params || '{"on_long_text": "truncate"}'
where request_type = 'embed' and idempotency_key is not null and call_digest is null and not params ? 'on_long_text';

-- It gives more than it did, for the same arguments: what gives another result cannot be replaced.
drop function if exists @privschema@.users_behind(uuid, text, text, int);
