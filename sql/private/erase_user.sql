-- Erases a user for a role that may: cancels what is not final, deletes requests, results and cache, takes the texts out of the audit
-- log, and leaves a receipt. The user's number stays in the logs, and the name with its role: a role that has gone gives its name too.
-- What the user's open transactions hold is waited for, and no longer than lock_timeout says.
create or replace function @privschema@.erase_user(p_role_name text, p_user_id int, p_reason text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  v_user @extschema@.steadytext_users;
  v_receipt @extschema@.steadytext_erasures;
begin
  if not @privschema@.is_admin(p_role_name) then
    raise exception 'Users should be erased by an administrator, but "%" is none', p_role_name
      using errcode = 'insufficient_privilege', hint = 'Ask one; steadytext_cancel_async and steadytext_clear_cache are yours.';
  elsif p_user_id = @extschema@.steadytext_user_id(p_role_name) then
    perform @privschema@.raise_option('user_id', 'another one than your own', p_user_id::text,
      'Who erases stands in the receipt: have another administrator do it.');
  elsif coalesce(btrim(p_reason), '') = '' or length(p_reason) > 500 then
    perform @privschema@.raise_option('reason', 'a text of up to 500 characters', to_json(left(p_reason, 90))::text,
      'It stands in the receipt: a ticket''s number will do.');
  end if;
  select u.* into v_user from @extschema@.steadytext_users u where u.user_id = p_user_id;
  if not found then
    perform @privschema@.raise_option('user_id', 'one of steadytext_users', p_user_id::text,
      'See select user_id, role_name from steadytext_users.');
  end if;
  v_receipt.counts := jsonb_build_object('cancelled', @privschema@.cancel_all_of(p_user_id))
    || @privschema@.delete_all_of(p_user_id, v_user.role_name);
  v_receipt.last_audit_id := coalesce((select max(a.id) from @extschema@.steadytext_audit_log a), 0);
  v_receipt.counts := v_receipt.counts || jsonb_build_object('audit_rows', @privschema@.take_audit_texts(p_user_id, v_receipt.last_audit_id));
  if to_regrole(quote_ident(v_user.role_name)) is null then
    update @extschema@.steadytext_users u set role_name = 'erased user ' || p_user_id, role_oid = null where u.user_id = p_user_id;
  end if;
  v_receipt.not_covered := array[
    'what was written into tables of the users themselves', 'backups, dumps, replicas of other kinds and archived WAL',
    'logs of the server and of workers', 'texts of shared prompts (steadytext_prompt_delete)',
    'rows of the audit log about acts of administration, the user''s own and on the user', 'tokens and times in steadytext_request_log, by number'];
  insert into @extschema@.steadytext_erasures (user_id, erased_by, reason, counts, not_covered, last_audit_id)
  values (p_user_id, p_role_name, p_reason, v_receipt.counts, v_receipt.not_covered, v_receipt.last_audit_id)
  returning * into v_receipt;
  perform @privschema@.log_action(p_role_name, 'user_erased', 'steadytext_erase_user', null, jsonb_build_object(
    'user', p_user_id, 'receipt', v_receipt.id, 'reason', p_reason, 'counts', v_receipt.counts));
  return to_jsonb(v_receipt);
end
$$;

revoke all on function @privschema@.erase_user from public;
comment on function @privschema@.erase_user is 'Erases a user for an administrator; gives the receipt.';
