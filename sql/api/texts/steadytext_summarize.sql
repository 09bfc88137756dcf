-- One summary of the texts of a group, however many. An aggregate has no defaults: the same once with metadata and once without.
create or replace aggregate @extschema@.steadytext_summarize(value text, metadata jsonb) (
  sfunc = @privschema@.summary_with_row, stype = jsonb, finalfunc = @privschema@.summary_of_state, parallel = unsafe);
create or replace aggregate @extschema@.steadytext_summarize(value text) (
  sfunc = @privschema@.summary_with_text, stype = jsonb, finalfunc = @privschema@.summary_of_state, parallel = unsafe);

revoke all on function @extschema@.steadytext_summarize(text, jsonb), @extschema@.steadytext_summarize(text) from public;
comment on aggregate @extschema@.steadytext_summarize(text, jsonb) is
  'One summary of the texts of a group; the metadata of its rows are told with them. Null of a group without any text.';
comment on aggregate @extschema@.steadytext_summarize(text) is
  'One summary of the texts of a group. Null of a group without any text.';
