-- What a look has come to, as the step of a stream: a row, and at the end of the request what no row has given yet. An answer that is
-- empty is one empty row.
create or replace function @privschema@.stream_step(p_step jsonb, p_look jsonb)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_given text := p_step ->> 'given';
  v_piece text := p_look ->> 'piece';
  v_answer jsonb := p_look -> 'answer';
  v_result text := v_answer ->> 'result';
  v_last jsonb := p_step - 'text' || '{"done": true}';
begin
  if v_piece is not null then
    return p_step || jsonb_build_object('text', v_piece, 'given', v_given || v_piece);
  elsif not starts_with(v_result, v_given) then
    -- Two attempts of which the second ran elsewhere: another model under that name, or another class of CPU.
    v_answer := @privschema@.error_answer('P0001',
      'A text should go on as it began, but the request was run again and came to another one',
      'The rows so far are no part of an answer. Repeat the call.');
  end if;
  v_answer := @privschema@.sync_outcome(v_answer, p_step ->> 'on_error');
  if v_answer is null then
    return v_last || '{"text": null}';
  elsif v_answer ? 'error' then
    return v_last || jsonb_build_object('text', v_answer::text);
  elsif v_result = v_given and v_given <> '' then
    return v_last;
  end if;
  return v_last || jsonb_build_object('text', substr(v_result, length(v_given) + 1));
end
$$;

revoke all on function @privschema@.stream_step from public;
comment on function @privschema@.stream_step is 'Step of a stream that a look has come to.';
