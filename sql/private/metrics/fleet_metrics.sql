-- Gauges of the workers that live, and of what their models take.
create or replace function @privschema@.fleet_metrics()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with models as materialized (
    select @privschema@.metric_labels(array['model', m.model, 'kind', m.kind]) as labels, m.memory_bytes, m.workers_loaded
    from @extschema@.steadytext_model_status() m
  )
  select @privschema@.metric_text('steadytext_workers', 'gauge', 'Workers that live, by what they do.',
      (select string_agg(format(E'steadytext_workers%s %s\n', @privschema@.metric_labels(array['state', t.state]), t.workers), ''
         order by t.state)
       from (select n.state, count(s.state) as workers
             from unnest(array['active', 'draining', 'idle', 'paused', 'starting']) as n (state)
             left join @extschema@.steadytext_system_status() s on s.state = n.state
             group by n.state) t))
    || @privschema@.metric_text('steadytext_engines', 'gauge', 'Engines of the workers that live, by what they do.',
      (select string_agg(format(E'steadytext_engines%s %s\n', @privschema@.metric_labels(array['state', t.state]), t.engines), ''
         order by t.state)
       from (select c.state, count(*) as engines from @extschema@.steadytext_daemon_connections() c group by c.state) t))
    || @privschema@.metric_text('steadytext_model_loaded_workers', 'gauge', 'Workers in which a model is open.',
      (select string_agg(format(E'steadytext_model_loaded_workers%s %s\n', m.labels, m.workers_loaded), '' order by m.labels)
       from models m))
    || @privschema@.metric_text('steadytext_model_memory_bytes', 'gauge', 'Memory that a model takes in all engines.',
      (select string_agg(format(E'steadytext_model_memory_bytes%s %s\n', m.labels, m.memory_bytes), '' order by m.labels)
       from models m))
    || @privschema@.metric_text('steadytext_machine_memory_used_bytes', 'gauge', 'Memory in use on the workers'' machines, by whoever.',
      (select format(E'steadytext_machine_memory_used_bytes %s\n', round(u.used_memory_mb * 1048576))
       from @extschema@.steadytext_memory_usage() u where u.used_memory_mb is not null))
    || @privschema@.metric_text('steadytext_machine_memory_limit_bytes', 'gauge', 'Memory of the workers'' machines.',
      (select format(E'steadytext_machine_memory_limit_bytes %s\n', round(u.total_memory_mb * 1048576))
       from @extschema@.steadytext_memory_usage() u where u.total_memory_mb is not null))
    || @privschema@.metric_text('steadytext_schema_version', 'gauge', 'Number of the newest migration that was applied.',
      format(E'steadytext_schema_version %s\n', @privschema@.schema_version()))
$$;

revoke all on function @privschema@.fleet_metrics from public;
comment on function @privschema@.fleet_metrics is 'Metrics of the fleet, as text.';
