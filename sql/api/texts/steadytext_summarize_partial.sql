-- A summary of a group that is kept and later summarised together with others, by steadytext_summarize_final.
create or replace aggregate @extschema@.steadytext_summarize_partial(value text, metadata jsonb) (
  sfunc = @privschema@.summary_with_row, stype = jsonb, finalfunc = @privschema@.partial_summary, parallel = unsafe);

revoke all on function @extschema@.steadytext_summarize_partial from public;
comment on aggregate @extschema@.steadytext_summarize_partial(text, jsonb) is
  'A summary of a group to be kept, {"summary", "rows", "metadata"}, of which steadytext_summarize_final makes one with others.';
