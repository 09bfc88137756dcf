-- What the audit log says of a request's input: lengths, counts, options that are numbers, and the hash of the input
-- under our key, by which a reader of the log can tell equal inputs but not guess them. Never any text of a user. One
-- call builds the object: of two, joined, it took 6.5 µs against 5.1; and the keys stand as jsonb sorts them, shorter
-- first: 3.7 µs against 4.2. No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.audit_parameters(
  p_request_type text, p_model text, p_prompt text, p_params jsonb, p_key bytea)
returns jsonb
language sql stable parallel safe
as $$
  select case p_request_type
    when 'generate' then jsonb_build_object(
      'seed', p_params -> 'seed', 'model', p_model,
      'input_hash', encode(sha256(p_key || convert_to(p_prompt, 'UTF8')), 'hex'),
      'max_tokens', p_params -> 'max_tokens', 'temperature', p_params -> 'temperature',
      'input_length', length(p_prompt))
    when 'rerank' then jsonb_build_object(
      'model', p_model, 'documents', jsonb_array_length(p_params -> 'documents'),
      'input_hash', encode(sha256(p_key || convert_to(p_prompt, 'UTF8')), 'hex'), 'input_length', length(p_prompt))
    else jsonb_build_object(
      'model', p_model, 'input_hash', encode(sha256(p_key || convert_to(p_prompt, 'UTF8')), 'hex'),
      'input_length', length(p_prompt))
  end
$$;

revoke all on function @privschema@.audit_parameters from public;
comment on function @privschema@.audit_parameters is 'What the audit log says of a request''s input: no text of it.';
