-- What one request may hold in all. Gives the octets of its options, the same for every request of a batch.
create or replace function @privschema@.check_request_bytes(p_prompts text[], p_params jsonb)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_most int := @privschema@.setting('max_request_bytes')::int;
  v_params_bytes int := octet_length(p_params::text);
  v_bytes bigint := v_params_bytes + (select max(octet_length(p.prompt)) from unnest(p_prompts) as p (prompt))::bigint;
begin
  if v_bytes > v_most then
    raise exception using errcode = 'ST009',
      message = format('A request should have at most %s bytes of input and options, but has %s', v_most, v_bytes),
      hint = 'Split it, or have an administrator raise max_request_bytes in steadytext_settings.';
  end if;
  return v_params_bytes;
end
$$;

revoke all on function @privschema@.check_request_bytes from public;
comment on function @privschema@.check_request_bytes is
  'Raises ST009 when input and options of a request are too large; gives the octets of the options.';
