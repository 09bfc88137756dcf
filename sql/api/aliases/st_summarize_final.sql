-- steadytext_summarize_final under its short name: of the same functions.
create or replace aggregate @extschema@.st_summarize_final(partial jsonb) (
  sfunc = @privschema@.summary_with_partial, stype = jsonb, finalfunc = @privschema@.summary_of_state, parallel = unsafe);

revoke all on function @extschema@.st_summarize_final from public;
comment on aggregate @extschema@.st_summarize_final(jsonb) is 'Short for steadytext_summarize_final.';
