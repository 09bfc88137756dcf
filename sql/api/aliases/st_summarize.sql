-- steadytext_summarize under its short name: of the same functions.
create or replace aggregate @extschema@.st_summarize(value text, metadata jsonb) (
  sfunc = @privschema@.summary_with_row, stype = jsonb, finalfunc = @privschema@.summary_of_state, parallel = unsafe);
create or replace aggregate @extschema@.st_summarize(value text) (
  sfunc = @privschema@.summary_with_text, stype = jsonb, finalfunc = @privschema@.summary_of_state, parallel = unsafe);

revoke all on function @extschema@.st_summarize(text, jsonb), @extschema@.st_summarize(text) from public;
comment on aggregate @extschema@.st_summarize(text, jsonb) is 'Short for steadytext_summarize.';
comment on aggregate @extschema@.st_summarize(text) is 'Short for steadytext_summarize.';
