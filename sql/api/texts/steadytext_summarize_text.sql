-- Summarise a text, however long, and wait for it. What metadata has under model, unsafe_mode, max_tokens, seed and use_cache counts where
-- the argument is left out; the rest of it the model is told with the text.
create or replace function @extschema@.steadytext_summarize_text(
  input_text text, metadata jsonb default '{}', model text default null, unsafe_mode boolean default false,
  max_tokens int default null, use_cache boolean default true, seed int default null, on_error text default 'raise')
returns text
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answers jsonb;
begin
  perform @privschema@.check_on_error(on_error, true);
  v_answers := @privschema@.sync_run('summarize', array[input_text], @privschema@.summary_options(metadata, max_tokens, use_cache, seed),
    coalesce(model, metadata ->> 'model'), coalesce(unsafe_mode, false) or coalesce(metadata -> 'unsafe_mode' = 'true', false));
  return @privschema@.sync_text(v_answers, on_error);
end
$$;

revoke all on function @extschema@.steadytext_summarize_text from public;
comment on function @extschema@.steadytext_summarize_text is
  'Summarises a text and waits for it; a long one in parts, whose number the receipt of the request tells.';
