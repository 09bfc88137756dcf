-- The options and the model of a call as they were given, by which a repeated call is known however the default model, the
-- options that there are and their defaults have changed since. An option left null is one not given: so one that a later
-- release adds changes no digest, as long as its argument's default is null. The default of an argument counts as given,
-- for a function cannot tell them apart. Nulls in a schema are values of it. One digest a call, however many inputs: these
-- are compared by themselves.
create or replace function @privschema@.call_digest(p_request_type text, p_options jsonb, p_model text)
returns bytea
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select sha256(convert_to(
    jsonb_build_array(p_request_type, p_model, jsonb_strip_nulls(p_options)
      || case when p_options ? 'schema' then jsonb_build_object('schema', p_options -> 'schema') else '{}' end)::text, 'UTF8'))
$$;

revoke all on function @privschema@.call_digest from public;
comment on function @privschema@.call_digest is 'Digest of a call''s options and model as given.';
