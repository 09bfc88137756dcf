-- The first step of a stream, as its caller: enqueues. A step holds the row that it gives (`text`, where it gives one), what all rows so
-- far have given, and whether it is the last (`done`).
create or replace function @privschema@.stream_first(
  p_prompt text, p_max_tokens int, p_use_cache boolean, p_seed int, p_eos_string text, p_model text, p_model_repo text,
  p_model_filename text, p_size text, p_unsafe_mode boolean, p_on_error text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_step jsonb := jsonb_build_object('on_error', p_on_error, 'given', '', 'begun', extract(epoch from clock_timestamp()));
  v_answer jsonb := @privschema@.refused_files(p_model_repo, p_model_filename, p_size);
begin
  perform @privschema@.check_on_error(p_on_error, true);
  if v_answer is not null then
    return @privschema@.stream_step(v_step, jsonb_build_object('answer', v_answer));
  end if;
  insert into @privschema@.calls (call, inputs, options, model, unsafe_mode)
  values ('stream generate', array[p_prompt], jsonb_build_object('max_tokens', p_max_tokens, 'seed', p_seed,
    'use_cache', p_use_cache, 'eos_string', p_eos_string), p_model, p_unsafe_mode)
  returning answer into v_answer;
  if v_answer ? 'request_id' then
    return v_step || v_answer;
  end if;
  return @privschema@.stream_step(v_step, v_answer);
end
$$;

revoke all on function @privschema@.stream_first from public;
comment on function @privschema@.stream_first is 'First step of a stream: enqueues.';
