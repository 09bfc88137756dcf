-- As in sql/private, but what is raised has the words and SQLSTATE that PL/Python gave it: applications compare them. This is the one
-- place for that. What was raised through SQL there has one prefix, what was raised by PL/Python itself another; codes of our own, ST…,
-- are of what could not happen there, and stay.
create or replace function @privschema@.sync_outcome(p_answer jsonb, p_on_error text)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_error jsonb := p_answer -> 'error';
  v_sqlstate text := v_error ->> 'sqlstate';
  v_message text := v_error ->> 'message';
begin
  if v_error is null then
    return p_answer;
  elsif p_on_error = 'raise' then
    if v_message in ('max_facts must be between 1 and 50', 'similarity_threshold must be between 0.0 and 1.0', 'Queries cannot be empty') then
      v_sqlstate := 'XX000';
      v_message := 'plpy.Error: ' || v_message;
    elsif v_sqlstate = 'P0001' then
      v_message := 'spiexceptions.RaiseException: ' || v_message;
    end if;
    if v_error ->> 'hint' is null then
      raise exception using errcode = v_sqlstate, message = v_message;
    end if;
    raise exception using errcode = v_sqlstate, message = v_message, hint = v_error ->> 'hint';
  end if;
  return case when p_on_error = 'json' then p_answer end;
end
$$;

revoke all on function @privschema@.sync_outcome from public;
comment on function @privschema@.sync_outcome is 'What one request of a synchronous call came to, its error raised as the reference words it.';
