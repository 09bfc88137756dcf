-- All that is kept of a user (docs/audit.md).
create or replace function @extschema@.steadytext_export_user(user_id int default null)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, options) values ('export user', jsonb_build_object('user_id', user_id))
  returning answer into v_answer;
  return v_answer;
end
$$;

revoke all on function @extschema@.steadytext_export_user from public;
comment on function @extschema@.steadytext_export_user is
  'All that is kept of you, as JSON; for an administrator also of another user. Null where there is nothing.';
