-- What the audit log says of a request that ended: its input too, where audit_full_text is on. No pinned search_path, so that it is
-- inlined; it runs under that of its callers.
create or replace function @privschema@.request_parameters(
  p_request_type text, p_model text, p_prompt text, p_params jsonb, p_key bytea, p_full_text boolean)
returns jsonb
language sql stable parallel safe
as $$
  select case when p_full_text
    then jsonb_build_object('input', p_prompt, 'params', p_params)
      || @privschema@.audit_parameters(p_request_type, p_model, p_prompt, p_params, p_key)
    else @privschema@.audit_parameters(p_request_type, p_model, p_prompt, p_params, p_key) end
$$;

revoke all on function @privschema@.request_parameters from public;
comment on function @privschema@.request_parameters is 'What the audit log says of a request that ended.';
