-- A further step of a stream, as its caller: waits until there is more.
create or replace function @privschema@.stream_next(p_step jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_look jsonb;
begin
  insert into @privschema@.calls (call, request_id, options)
  values ('stream look', (p_step ->> 'request_id')::uuid,
    jsonb_build_object('after', length(p_step ->> 'given'), 'begun', p_step -> 'begun'))
  returning answer into v_look;
  return @privschema@.stream_step(p_step, v_look);
end
$$;

revoke all on function @privschema@.stream_next from public;
comment on function @privschema@.stream_next is 'Next step of a stream: waits for more of its text.';
