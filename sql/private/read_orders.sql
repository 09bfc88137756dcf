-- What a worker is to know beside requests: the bounds that settings set, in octets, and what administrators ask of it that it has not
-- answered, since it started. A preload of no model by name is one of the defaults as they are now.
create or replace function @privschema@.read_orders(p_worker_id uuid)
returns jsonb
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'bounds', (
      select jsonb_build_object(
        'engine_models', max(b.bytes) filter (where b.name = 'max_model_memory'),
        'worker_models', max(b.bytes) filter (where b.name = 'model_memory_limit'),
        'request', max(b.bytes) filter (where b.name = 'max_memory_per_request'))
      from (
        select s.name, nullif(pg_size_bytes(s.value), 0) as bytes
        from @extschema@.steadytext_settings s
        where s.name in ('max_model_memory', 'model_memory_limit', 'max_memory_per_request')) b),
    'orders', (
      select coalesce(jsonb_agg(jsonb_build_object('order_id', o.order_id, 'what', o.what, 'models', case
          when o.model is not null then jsonb_build_array(o.model)
          when o.what = 'preload' then (
            select jsonb_agg(m.name order by m.kind = 'text' desc, m.name) from @extschema@.steadytext_models m where m.is_default)
        end) order by o.asked_at), '[]')
      from @privschema@.fleet_orders o
      join @extschema@.steadytext_workers w on w.worker_id = p_worker_id and w.started_at <= o.asked_at
      where o.expires_at > clock_timestamp() and (o.worker_id is null or o.worker_id = p_worker_id)
        and not exists (
          select from @privschema@.order_answers a where a.order_id = o.order_id and a.worker_id = p_worker_id)))
$$;

revoke all on function @privschema@.read_orders from public;
comment on function @privschema@.read_orders is 'Bounds of memory, and what a worker is asked for.';
