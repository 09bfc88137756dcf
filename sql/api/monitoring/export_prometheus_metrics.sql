-- Everything that is counted, in the text format that Prometheus reads: one HELP and TYPE a family, seconds and bytes, counters that
-- never go down. Numbers of all users, and no text of theirs. What it takes does not grow with the logs.
create or replace function @extschema@.export_prometheus_metrics()
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  return @privschema@.call_metrics() || @privschema@.queue_metrics() || @privschema@.cache_metrics() || @privschema@.fleet_metrics();
end
$$;

revoke all on function @extschema@.export_prometheus_metrics from public;
comment on function @extschema@.export_prometheus_metrics is
  'Counters, histograms and gauges of all users, as text in the exposition format of Prometheus.';
