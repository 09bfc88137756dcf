-- Of the writer too: the other forms of batches, estimates, and results that go into tables.
grant execute on function
  @extschema@.steadytext_generate_json_batch_async, @extschema@.steadytext_generate_regex_batch_async,
  @extschema@.steadytext_generate_choice_batch_async, @extschema@.steadytext_generate_batch_rows_async,
  @extschema@.steadytext_generate_json_batch_rows_async, @extschema@.steadytext_generate_regex_batch_rows_async,
  @extschema@.steadytext_generate_choice_batch_rows_async, @extschema@.steadytext_embed_batch_rows_async,
  @extschema@.steadytext_rerank_batch_rows_async, @extschema@.steadytext_estimate,
  @extschema@.steadytext_apply_results, @privschema@.check_write_back, @privschema@.check_target_column,
  @privschema@.base_type, @privschema@.owner_of, @privschema@.source_rows, @privschema@.source_statement, @privschema@.write_back_of,
  @privschema@.apply_results, @privschema@.try_results, @privschema@.write_results, @privschema@.write_rows
to @roleprefix@steadytext_writer;
