-- The far end of the side channel: waits some seconds until every worker that lives has answered, and gives what there is then.
create or replace function @privschema@.sync_answers(p_order_id uuid, p_mac text, p_seconds double precision)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_begun timestamptz := clock_timestamp();
  v_waited double precision;
begin
  perform @privschema@.check_sync_mac('answers', p_order_id::text, p_mac);
  loop
    v_waited := extract(epoch from clock_timestamp() - v_begun);
    exit when v_waited >= p_seconds
      or not exists (select from @privschema@.order_outcomes(p_order_id) o where o.state = 'silent');
    perform pg_sleep(@privschema@.sync_pause(v_waited));
  end loop;
  return (
    select coalesce(jsonb_agg(to_jsonb(o) order by o.worker, o.worker_id), '[]') from @privschema@.order_outcomes(p_order_id) o);
end
$$;

revoke all on function @privschema@.sync_answers from public;
comment on function @privschema@.sync_answers is 'Waits for the answers to an order; gives them.';
