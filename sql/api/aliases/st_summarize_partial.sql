-- steadytext_summarize_partial under its short name: of the same functions.
create or replace aggregate @extschema@.st_summarize_partial(value text, metadata jsonb) (
  sfunc = @privschema@.summary_with_row, stype = jsonb, finalfunc = @privschema@.partial_summary, parallel = unsafe);

revoke all on function @extschema@.st_summarize_partial from public;
comment on aggregate @extschema@.st_summarize_partial(text, jsonb) is 'Short for steadytext_summarize_partial.';
