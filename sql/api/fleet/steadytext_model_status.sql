-- The default models, and whatever workers that live serve: the text model that is the default first. A provider's needs no
-- opening, and counts as loaded wherever it is served.
create or replace function @extschema@.steadytext_model_status()
returns table (
  model text, kind text, model_loaded boolean, workers_loaded int, workers_total int, memory_bytes bigint, last_used timestamptz)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select k.name, k.kind, k.workers_loaded > 0, k.workers_loaded, k.workers_total, k.bytes, k.last_used
  from (
    select n.name, n.kind, n.is_default, coalesce(s.workers, 0) as workers_total,
           case when s.is_remote then s.workers else coalesce(o.workers, 0) end as workers_loaded,
           coalesce(o.bytes, 0) as bytes, o.last_used
    from (
      select m.name, m.kind, m.is_default from @extschema@.steadytext_models m
      where m.is_default or exists (select from @privschema@.served_models() v where v.name = m.name)
    ) n
    left join (
      select v.name, count(distinct v.worker_id)::int as workers, bool_and(v.digest is null) as is_remote
      from @privschema@.served_models() v
      group by v.name
    ) s on s.name = n.name
    left join (
      select p.model, count(distinct p.worker_id)::int as workers, sum(p.bytes)::bigint as bytes, max(p.last_used) as last_used
      from @privschema@.open_models() p
      group by p.model
    ) o on o.model = n.name
  ) k
  order by k.is_default desc, k.kind = 'text' desc, k.kind, k.name
$$;

revoke all on function @extschema@.steadytext_model_status from public;
comment on function @extschema@.steadytext_model_status is
  'Default models and those that workers serve: in how many they are open, with what memory, and when they were last used.';
