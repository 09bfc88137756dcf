-- What one request of a synchronous call came to. An error is raised here, as whoever called, or is null, or stays as it is.
create or replace function @privschema@.sync_outcome(p_answer jsonb, p_on_error text)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_error jsonb := p_answer -> 'error';
begin
  if v_error is null then
    return p_answer;
  elsif p_on_error = 'raise' then
    if v_error ->> 'hint' is null then
      raise exception using errcode = v_error ->> 'sqlstate', message = v_error ->> 'message';
    end if;
    raise exception using errcode = v_error ->> 'sqlstate', message = v_error ->> 'message', hint = v_error ->> 'hint';
  end if;
  return case when p_on_error = 'json' then p_answer end;
end
$$;

revoke all on function @privschema@.sync_outcome from public;
comment on function @privschema@.sync_outcome is 'What one request of a synchronous call came to, its error raised unless that is not wanted.';
