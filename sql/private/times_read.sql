-- How often an input is read, with what is made of it on the way to the result. A summary in parts: each part of 512 tokens with some 60 of
-- what is asked, and up to 96 that come of it and are read again. With SmolLM2-135M 48,600 tokens were read and written for texts of
-- 32,400 tokens, estimated: 1.5. Thirteen eighths are exact in binary.
-- No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.times_read(p_request_type text)
returns real
language sql immutable parallel safe
as $$
  select case when p_request_type = 'summarize' then 1.625 else 1 end::real
$$;

revoke all on function @privschema@.times_read from public;
comment on function @privschema@.times_read is 'How often an input is read, estimated.';
