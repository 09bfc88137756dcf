-- Erase what is kept of a user (docs/audit.md).
create or replace function @extschema@.steadytext_erase_user(user_id int, reason text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, options)
  values ('erase user', jsonb_build_object('user_id', user_id, 'reason', reason))
  returning answer into v_answer;
  return v_answer;
end
$$;

revoke all on function @extschema@.steadytext_erase_user from public;
comment on function @extschema@.steadytext_erase_user is
  'Erases a user''s requests, results, cache and texts in the audit log; gives the receipt. For administrators.';
