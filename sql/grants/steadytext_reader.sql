-- Reads its own requests, waits for them, and sees which models there are. Of tables with rows of several users it reads none: the
-- views say whose rows there are, whatever is asked.
-- The private schema, for what the functions that wait call as whoever waits. Everything else in it is granted by name too, to
-- others.
grant usage on schema @extschema@, @privschema@ to @roleprefix@steadytext_reader;
grant select on
  @extschema@.steadytext_requests, @extschema@.steadytext_usage, @extschema@.steadytext_dead_letter_queue,
  @extschema@.steadytext_own_counts, @extschema@.steadytext_write_backs, @extschema@.steadytext_models,
  @extschema@.steadytext_cache, @extschema@.cache_performance, @privschema@.cache_totals
to @roleprefix@steadytext_reader;
grant execute on function
  @extschema@.current_user_id,
  @extschema@.current_user_mask,
  @extschema@.steadytext_user_id,
  @extschema@.steadytext_check_async,
  @extschema@.steadytext_check_async_batch,
  @extschema@.steadytext_get_async_result,
  @extschema@.steadytext_get_async_result_embedding,
  @extschema@.steadytext_get_async_result_json,
  @extschema@.steadytext_cache_stats,
  @extschema@.steadytext_cache_preview_eviction,
  @extschema@.steadytext_cache_analyze_usage,
  @privschema@.cache_figures, @privschema@.eviction_order,
  @extschema@.steadytext_config_get,
  @extschema@.steadytext_config_list,
  @privschema@.opaque,
  @privschema@.sees_all,
  @privschema@.wait_for_request,
  @privschema@.check_wait_can_end, @privschema@.check_succeeded,
  @privschema@.embedding_width, @privschema@.fitted_embedding,
  @privschema@.raise_option
to @roleprefix@steadytext_reader;
-- Prompts are shared: who may read may render all of them. Rendering runs as whoever asks, down to its last function.
grant select on @extschema@.steadytext_prompts, @extschema@.steadytext_prompt_versions to @roleprefix@steadytext_reader;
grant execute on function
  @extschema@.steadytext_prompt_get,
  @extschema@.steadytext_prompt_list,
  @extschema@.steadytext_prompt_render,
  @extschema@.steadytext_prompt_versions,
  @privschema@.find_prompt,
  @privschema@.refuse_slug,
  @privschema@.check_render_variables,
  @privschema@.is_deep,
  @privschema@.render_program,
  @privschema@.refuse_size,
  @privschema@.refuse_render,
  @privschema@.apply_operator,
  @privschema@.loop_value,
  @privschema@.loop_items,
  @privschema@.value_text,
  @privschema@.value_json,
  @privschema@.number_text,
  @privschema@.quoted_as_python,
  @privschema@.is_true,
  @privschema@.values_equal,
  @privschema@.contains_value,
  @privschema@.compare_values,
  @privschema@.member_of,
  @privschema@.type_name,
  @privschema@.filter_value,
  @privschema@.replaced_text,
  @privschema@.joined_text,
  @privschema@.space_characters,
  @privschema@.check_sought
to @roleprefix@steadytext_reader;
