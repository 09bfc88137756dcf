-- steadytext_summarize(text) under the name that it had in earlier releases of pg_steadytext.
create or replace aggregate @extschema@.ai_summarize(value text) (
  sfunc = @privschema@.summary_with_text, stype = jsonb, finalfunc = @privschema@.summary_of_state, parallel = unsafe);

revoke all on function @extschema@.ai_summarize from public;
comment on aggregate @extschema@.ai_summarize(text) is
  'One summary of the texts of a group. Null of a group without any text.';
