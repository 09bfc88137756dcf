-- Takes the texts out of a user's rows of the audit log (parameters, address, error, and the salt of their digest), and leaves their
-- digest, by which the rest can still be proved. What an administrator did is no text of a user's: it stays, or whoever is erased
-- would take with him who changed which setting. Gives how many rows.
create or replace function @privschema@.take_audit_texts(p_user_id int, p_up_to bigint)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_taken bigint;
begin
  insert into @privschema@.audit_permits (xid) values (pg_current_xact_id()) on conflict do nothing;
  update @extschema@.steadytext_audit_log a
  set text_digest = case when a.salt is null then '' else
        @privschema@.audit_text_digest(a.salt, a.parameters, a.ip_address, a.error_message) end,
      parameters = '{}', ip_address = null, error_message = null, salt = null
  where a.user_id = p_user_id and a.id <= p_up_to and a.text_digest is null
    and a.event_type not in ('setting_changed', 'weight_changed', 'default_model_set', 'model_deleted', 'users_rebound',
      'cache_cleared', 'user_erased', 'fleet_paused', 'fleet_resumed', 'models_preloaded', 'models_unloaded',
      'state_backed_up', 'state_restored', 'promoted_to_primary');
  get diagnostics v_taken = row_count;
  delete from @privschema@.audit_permits p where p.xid = pg_current_xact_id();
  return v_taken;
end
$$;

revoke all on function @privschema@.take_audit_texts from public;
comment on function @privschema@.take_audit_texts is 'Takes the texts out of a user''s audit rows; gives how many.';
