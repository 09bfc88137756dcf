-- Sees all users' requests and logs, and sets weights, settings and the default models. Includes the writer's role.
grant select on
  @extschema@.steadytext_queue, @extschema@.steadytext_users, @extschema@.steadytext_request_log, @extschema@.steadytext_settings,
  @extschema@.steadytext_workers, @extschema@.steadytext_audit_log
to @roleprefix@steadytext_admin;
grant insert (role_name, weight), update (weight) on @extschema@.steadytext_users to @roleprefix@steadytext_admin;
grant execute on function @extschema@.steadytext_rebind_users, @extschema@.steadytext_set_default_model
to @roleprefix@steadytext_admin;
grant select on @extschema@.steadytext_cache_entries, @extschema@.steadytext_eviction_log, @extschema@.eviction_history
to @roleprefix@steadytext_admin;
grant execute on function @extschema@.steadytext_evict_cache, @extschema@.steadytext_cache_evict_by_age,
  @extschema@.steadytext_cache_evict_by_frecency, @extschema@.steadytext_cache_scheduled_eviction
to @roleprefix@steadytext_admin;
grant update (value) on @extschema@.steadytext_settings to @roleprefix@steadytext_admin;
grant execute on function
  @extschema@.steadytext_config_set, @extschema@.steadytext_config_reset, @extschema@.steadytext_config_sync
to @roleprefix@steadytext_admin;
grant update (is_default), delete on @extschema@.steadytext_models to @roleprefix@steadytext_admin;
grant execute on function @extschema@.steadytext_queue_counts, @extschema@.steadytext_finished_counts,
  @extschema@.export_prometheus_metrics, @extschema@.diagnose_steadytext
  to @roleprefix@steadytext_admin;
grant execute on function
  @extschema@.steadytext_preload_models, @extschema@.steadytext_unload_models, @extschema@.steadytext_daemon_start,
  @extschema@.steadytext_daemon_stop, @extschema@.manage_model_memory
to @roleprefix@steadytext_admin;
-- Refused to whoever is no superuser or member of the owner's role, with what to do instead.
grant execute on function
  @extschema@.backup_steadytext_state, @extschema@.restore_steadytext_state, @privschema@.check_server_files
to @roleprefix@steadytext_admin;
grant execute on function @extschema@.steadytext_promote_to_primary, @privschema@.announce_primary to @roleprefix@steadytext_admin;
grant select on @extschema@.steadytext_audit_seals, @extschema@.steadytext_erasures to @roleprefix@steadytext_admin;
grant execute on function @extschema@.steadytext_erase_user, @extschema@.steadytext_verify_audit, @privschema@.verify_seal,
  @privschema@.verify_sealed_rows, @privschema@.audit_seal_hash, @privschema@.audit_digest,
  @privschema@.audit_row_digest, @privschema@.audit_text_digest
to @roleprefix@steadytext_admin;
