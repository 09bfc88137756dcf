-- The short names of what the other files here grant: to each role those of its functions.
grant execute on function
  @extschema@.st_set_default_model, @extschema@.st_evict_cache, @extschema@.st_cache_evict_by_age, @extschema@.st_cache_evict_by_frecency,
  @extschema@.st_cache_scheduled_eviction, @extschema@.st_config_set, @extschema@.st_config_reset, @extschema@.st_config_sync,
  @extschema@.st_preload_models, @extschema@.st_unload_models, @extschema@.st_daemon_start, @extschema@.st_daemon_stop,
  @extschema@.st_promote_to_primary, @extschema@.st_erase_user, @extschema@.st_verify_audit
to @roleprefix@steadytext_admin;
grant execute on function
  @extschema@.st_verify, @extschema@.st_verify_audit
to @roleprefix@steadytext_auditor;
grant execute on function
  @extschema@.st_model_status, @extschema@.st_model_memory_usage, @extschema@.st_memory_usage, @extschema@.st_system_status,
  @extschema@.st_daemon_status, @extschema@.st_daemon_connections
to @roleprefix@steadytext_metrics;
grant execute on function
  @extschema@.st_check_async, @extschema@.st_check_async_batch, @extschema@.st_get_async_result, @extschema@.st_get_async_result_embedding,
  @extschema@.st_get_async_result_json, @extschema@.st_cache_stats, @extschema@.st_cache_preview_eviction, @extschema@.st_cache_analyze_usage,
  @extschema@.st_config_get, @extschema@.st_config_list, @extschema@.st_prompt_versions, @extschema@.st_prompt_get, @extschema@.st_prompt_list,
  @extschema@.st_prompt_render, @extschema@.st_prompt_versions, @extschema@.st_model_status, @extschema@.st_model_memory_usage,
  @extschema@.st_memory_usage, @extschema@.st_system_status, @extschema@.st_daemon_status, @extschema@.st_daemon_connections
to @roleprefix@steadytext_reader;
grant execute on function
  @extschema@.st_generate_async, @extschema@.st_generate_batch_async, @extschema@.st_generate_json_async, @extschema@.st_generate_regex_async,
  @extschema@.st_generate_choice_async, @extschema@.st_embed_async, @extschema@.st_embed_batch_async, @extschema@.st_rerank_async,
  @extschema@.st_rerank_batch_async, @extschema@.st_cancel_async, @extschema@.st_retry_async, @extschema@.st_clear_cache, @extschema@.st_cache_clear,
  @extschema@.st_cache_key, @extschema@.st_cache_get, @extschema@.st_verify, @extschema@.st_prompt_create, @extschema@.st_prompt_update,
  @extschema@.st_prompt_delete, @extschema@.st_generate, @extschema@.st_generate_stream, @extschema@.st_generate_json, @extschema@.st_generate_regex,
  @extschema@.st_generate_choice, @extschema@.st_embed, @extschema@.st_rerank, @extschema@.st_rerank_docs_only, @extschema@.st_rerank_top_k,
  @extschema@.st_rerank_batch, @extschema@.st_export_user, @extschema@.st_generate_json_batch_async, @extschema@.st_generate_regex_batch_async,
  @extschema@.st_generate_choice_batch_async, @extschema@.st_generate_batch_rows_async, @extschema@.st_generate_json_batch_rows_async,
  @extschema@.st_generate_regex_batch_rows_async, @extschema@.st_generate_choice_batch_rows_async, @extschema@.st_embed_batch_rows_async,
  @extschema@.st_rerank_batch_rows_async, @extschema@.st_estimate, @extschema@.st_apply_results, @extschema@.st_generate_cached,
  @extschema@.st_embed_cached, @extschema@.st_summarize_text, @extschema@.st_summarize_async, @extschema@.st_summarize_batch_async,
  @extschema@.st_summarize(text), @extschema@.st_summarize(text, jsonb), @extschema@.st_summarize_partial, @extschema@.st_summarize_final,
  @extschema@.st_extract_facts, @extschema@.st_extract_facts_async, @extschema@.st_deduplicate_facts, @extschema@.st_deduplicate_facts_async
to @roleprefix@steadytext_writer;
grant execute on procedure @extschema@.st_generate_and_wait to @roleprefix@steadytext_writer;
