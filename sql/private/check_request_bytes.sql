-- What one request, and all requests of one call together, may hold. Gives the octets of the options, the same for
-- every request of a batch and stored with each: a rerank's documents once for every query.
create or replace function @privschema@.check_request_bytes(p_prompts text[], p_params jsonb, p_most int)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_most int;
  v_params_bytes int := octet_length(p_params::text);
  v_longest bigint;
  v_all bigint;
  v_message text;
begin
  if cardinality(p_prompts) = 1 then
    -- An expression, which takes no statement: most calls have one input.
    v_longest := octet_length(p_prompts[array_lower(p_prompts, 1)]);
  else
    select max(octet_length(p.prompt)), sum(octet_length(p.prompt)) into v_longest, v_all
    from unnest(p_prompts) as p (prompt);
  end if;
  if v_longest + v_params_bytes > p_most then
    v_message := format('A request should have at most %s bytes of input and options, but has %s',
                       p_most, v_longest + v_params_bytes);
    perform @privschema@.note_refusal('steadytext_request', v_message);
    raise exception using errcode = 'ST009', message = v_message,
      hint = 'Split it, or have an administrator raise max_request_bytes in steadytext_settings.';
  elsif cardinality(p_prompts) = 1 then
    return v_params_bytes;
  end if;
  v_most := @privschema@.setting('max_batch_bytes')::int;
  v_all := v_all + cardinality(p_prompts) * v_params_bytes::bigint;
  if v_all > v_most then
    v_message := format('The requests of a batch should have at most %s bytes of input and options together, but have %s',
                       v_most, v_all);
    perform @privschema@.note_refusal('steadytext_request', v_message);
    raise exception using errcode = 'ST009', message = v_message,
      hint = 'Enqueue in several calls, or have an administrator raise max_batch_bytes in steadytext_settings.';
  end if;
  return v_params_bytes;
end
$$;

revoke all on function @privschema@.check_request_bytes from public;
comment on function @privschema@.check_request_bytes is
  'Raises ST009 when input and options of a request or of a batch are too large; gives the octets of the options.';
