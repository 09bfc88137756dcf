-- Results that are to be written into tables can be, once their requests are final. Asked first whether there are any: where nobody
-- writes results back, that is all it takes.
create or replace function @privschema@.note_finished(p_request_ids uuid[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
begin
  if exists (select from @privschema@.write_backs w where not w.is_finished) then
    update @privschema@.write_backs w set is_finished = true where w.request_id = any (p_request_ids) and not w.is_finished;
  end if;
end
$$;

revoke all on function @privschema@.note_finished from public;
comment on function @privschema@.note_finished is 'Notes that requests whose results go into tables are final.';
