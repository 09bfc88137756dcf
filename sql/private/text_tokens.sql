-- Tokens of a text, estimated (request_cost).
create or replace function @privschema@.text_tokens(p_text text)
returns double precision
language sql immutable parallel safe
as $$
  select length(p_text) / 4.0 + (octet_length(p_text) - length(p_text))
$$;

revoke all on function @privschema@.text_tokens from public;
comment on function @privschema@.text_tokens is 'Estimated tokens of a text.';
