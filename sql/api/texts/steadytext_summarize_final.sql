-- One summary of partial ones, as of a day's of its hours'.
create or replace aggregate @extschema@.steadytext_summarize_final(partial jsonb) (
  sfunc = @privschema@.summary_with_partial, stype = jsonb, finalfunc = @privschema@.summary_of_state, parallel = unsafe);

revoke all on function @extschema@.steadytext_summarize_final from public;
comment on aggregate @extschema@.steadytext_summarize_final(jsonb) is
  'One summary of what steadytext_summarize_partial gave for several groups.';
