-- Enqueues a completed request once more, to compare what comes of it. It belongs to the user whose request it runs, who
-- sees it, and is served in his turn: so an auditor may ask for it and still reads nothing.
create or replace function @privschema@.enqueue_verification(
  p_role_name text, p_request @extschema@.steadytext_queue)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := @privschema@.new_request_id();
begin
  insert into @extschema@.steadytext_queue
    (request_id, verifies, user_id, asked_by, request_type, model, prompt, params, cost_estimate, input_bytes)
  values (v_id, p_request.request_id, p_request.user_id, p_role_name, p_request.request_type, p_request.model, p_request.prompt,
    p_request.params - 'stream', p_request.cost_estimate, p_request.input_bytes);
  perform @privschema@.log_action(p_role_name, 'verification_requested', 'steadytext_verify', p_request.request_id,
    jsonb_build_object('verification', v_id));
  return v_id;
end
$$;

revoke all on function @privschema@.enqueue_verification from public;
comment on function @privschema@.enqueue_verification is 'Enqueues a completed request once more; gives the new id.';
