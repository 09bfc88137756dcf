-- Generate a text and wait for it, without a side channel: enqueues, commits, waits. Whatever else the transaction did is committed
-- too, and inside of a transaction block PostgreSQL refuses it (2D000). No pinned search_path and not with the owner's rights, which
-- a procedure that commits cannot have: every name is written out, and no operator stands in it.
create or replace procedure @extschema@.steadytext_generate_and_wait(
  prompt text, max_tokens int default null, use_cache boolean default true, seed int default null,
  eos_string text default '[EOS]', model text default null, unsafe_mode boolean default false, on_error text default 'raise',
  inout result text default null)
language plpgsql
as $$
#variable_conflict use_variable
declare
  v_answers pg_catalog.jsonb;
begin
  perform @privschema@.check_on_error(on_error, true);
  v_answers := @privschema@.enqueue_own(prompt, max_tokens, use_cache, seed, eos_string, model, unsafe_mode);
  commit;
  v_answers := @privschema@.await_own(v_answers);
  -- What a cancelled wait has cancelled stays so.
  commit;
  result := @privschema@.sync_text(v_answers, on_error);
end
$$;

revoke all on procedure @extschema@.steadytext_generate_and_wait from public;
comment on procedure @extschema@.steadytext_generate_and_wait is
  'Enqueues a text generation, commits, and waits for the text. Not inside of a transaction block.';
