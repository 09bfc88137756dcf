-- What `loop.` says of the round that a loop is in.
create or replace function @privschema@.loop_value(p_name text, p_round int, p_length int)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_name
    when 'index' then to_jsonb(p_round + 1)
    when 'index0' then to_jsonb(p_round)
    when 'length' then to_jsonb(p_length)
    when 'first' then to_jsonb(p_round = 0)
    else to_jsonb(p_round = p_length - 1) end;
end
$$;

revoke all on function @privschema@.loop_value from public;
comment on function @privschema@.loop_value is 'What loop says of its round.';
