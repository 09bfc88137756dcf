-- One call of a function of users, with the owner's rights and for the role that made it.
create or replace function @privschema@.run_call()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.check_caller(new.asked_by, new.call);
  case
    when new.call in ('generate', 'generate batch', 'embed', 'embed batch', 'rerank', 'rerank batch', 'summarize',
      'summarize batch', 'extract_facts', 'deduplicate_facts') then
      new.request_ids := @privschema@.enqueue_call(new.asked_by, new.call, new.inputs, new.options, new.model,
        new.unsafe_mode, new.priority, new.scheduled_at, new.idempotency_key);
      if new.write_back is not null then
        perform @privschema@.note_targets(new.asked_by, new.request_ids, new.write_back);
      end if;
    when new.call in ('sync generate', 'sync embed', 'sync rerank', 'sync rerank batch', 'sync summarize',
      'sync extract_facts', 'sync deduplicate_facts') then
      -- What is known needs no side channel.
      new.answer := coalesce(
        @privschema@.sync_cached(new.asked_by, substr(new.call, 6), new.inputs, new.options, new.model, new.unsafe_mode),
        @privschema@.sync_call(new.asked_by, substr(new.call, 6), new.inputs, new.options, new.model, new.unsafe_mode));
    when new.call = 'stream generate' then
      new.answer := @privschema@.stream_begin(new.asked_by, new.inputs, new.options, new.model, new.unsafe_mode);
    when new.call = 'stream look' then
      new.answer := @privschema@.stream_look(new.asked_by, new.request_id, (new.options ->> 'after')::int,
        (new.options ->> 'begun')::double precision);
    when new.call = 'cancel' then
      new.answer := to_jsonb(@privschema@.cancel_request(new.asked_by, new.request_id));
    when new.call = 'retry' then
      new.answer := to_jsonb(@privschema@.retry_request(new.asked_by, new.request_id));
    when new.call = 'take results' then
      new.answer := @privschema@.take_results(new.asked_by, (new.options ->> 'max_rows')::int);
    when new.call = 'note results' then
      perform @privschema@.note_results(new.asked_by, new.options -> 'outcomes');
    when new.call = 'estimate' then
      new.answer := @privschema@.estimate_call(new.asked_by, new.inputs[1], new.options, new.model, new.priority);
    when new.call = 'verify' then
      new.answer := @privschema@.verify_request(new.asked_by, new.request_id, (new.options ->> 'again')::boolean);
    when new.call = 'clear cache' then
      new.answer := to_jsonb(@privschema@.clear_cache(new.asked_by, new.options ->> 'cache_type'));
    when new.call = 'cache key' then
      new.answer := to_jsonb(@privschema@.key_of_call(new.asked_by, new.options ->> 'cache_type', new.inputs[1],
        (new.options ->> 'max_tokens')::int));
    when new.call = 'cache get' then
      new.answer := to_jsonb(@privschema@.kept_result(new.asked_by, new.inputs[1]));
    when new.call in ('create prompt', 'update prompt', 'delete prompt') then
      new.answer := @privschema@.run_prompt_call(new.asked_by, new.call, new.options);
    when new.call in ('preload models', 'unload models', 'pause fleet', 'resume fleet', 'fit models') then
      new.answer := @privschema@.run_fleet_call(new.asked_by, new.call, new.model, new.options);
    when new.call in ('erase user', 'export user', 'audit usage') then
      new.answer := @privschema@.run_audit_call(new.asked_by, new.call, new.options);
    else
      perform @privschema@.raise_option('call', 'what one of our functions writes', new.call, 'Call the function.');
  end case;
  return new;
end
$$;

revoke all on function @privschema@.run_call from public;
comment on function @privschema@.run_call is 'Trigger: does what a call asks for.';
