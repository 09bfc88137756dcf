-- Versions are shared as their prompts are.
drop policy if exists prompt_versions_shared_rows on @extschema@.steadytext_prompt_versions;
create policy prompt_versions_shared_rows on @extschema@.steadytext_prompt_versions
  for select to @roleprefix@steadytext_reader
  using (true);
