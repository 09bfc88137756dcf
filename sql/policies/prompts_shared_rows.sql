-- Prompts are shared: whoever may read results may render every prompt. Only functions of the owner write.
drop policy if exists prompts_shared_rows on @extschema@.steadytext_prompts;
create policy prompts_shared_rows on @extschema@.steadytext_prompts
  for select to @roleprefix@steadytext_reader
  using (true);
