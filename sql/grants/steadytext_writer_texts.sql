-- Of the writer too: summaries and facts, and what their aggregates run as whoever asks. The aggregates' transition and final
-- functions are asked of their owner, so those that are no part of another function are nobody's to call.
grant execute on function
  @extschema@.steadytext_generate_cached,
  @extschema@.steadytext_embed_cached,
  @extschema@.secure_generate,
  @extschema@.steadytext_summarize_text,
  @extschema@.steadytext_summarize_async,
  @extschema@.steadytext_summarize_batch_async,
  @extschema@.steadytext_summarize(text),
  @extschema@.steadytext_summarize(text, jsonb),
  @extschema@.steadytext_summarize_partial,
  @extschema@.steadytext_summarize_final,
  @extschema@.ai_summarize,
  @extschema@.steadytext_extract_facts,
  @extschema@.steadytext_extract_facts_async,
  @extschema@.steadytext_deduplicate_facts,
  @extschema@.steadytext_deduplicate_facts_async,
  @privschema@.summary_options,
  @privschema@.summary_begun,
  @privschema@.summary_added,
  @privschema@.summary_lifted,
  @privschema@.summary_on_error,
  @privschema@.summary_with_row,
  @privschema@.summary_of_state,
  @privschema@.blank_characters
to @roleprefix@steadytext_writer;
