-- The far end of the side channel: waits until all of some requests are final, and gives what each came to; null where the
-- seconds did not suffice. Its callers ask for few: a wait for which nobody is left any more ends soon, and holds back vacuum no
-- longer. Between two looks goes a hundredth of what was waited so far: that much later a result is seen at most, on either end.
-- No lock on a table is kept between them: see wait_for_request.
create or replace function @privschema@.sync_wait(
  p_request_ids uuid[], p_mac text, p_waited double precision, p_seconds double precision)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
  v_begun timestamptz := clock_timestamp();
  v_waited double precision;
begin
  perform @privschema@.check_sync_mac('wait', p_request_ids::text, p_mac);
  loop
    begin
      exit when not exists (
        select from @extschema@.steadytext_queue q
        where q.request_id = any (p_request_ids) and q.completed_at is null);
      raise exception using errcode = 'STYET';
    exception when sqlstate 'STYET' then
      null;
    end;
    v_waited := extract(epoch from clock_timestamp() - v_begun);
    if v_waited >= p_seconds then
      return null;
    end if;
    perform pg_sleep(@privschema@.sync_pause(p_waited + v_waited));
  end loop;
  return @privschema@.sync_results(p_request_ids);
end
$$;

revoke all on function @privschema@.sync_wait from public;
comment on function @privschema@.sync_wait is 'Waits some seconds for requests; gives their results, or null.';
