-- Logs of sensors as a time series, summarised by the hour. Needs TimescaleDB and pgvector. detect_log_anomalies of log-anomalies.sql runs
-- on this table as it does there.
set steadytext.embedding_dimensions = 1024;

create table sensor_logs (
  time timestamptz not null,
  sensor_id int not null,
  log_message text not null,
  severity text not null,
  embedding vector(1024)
);
select create_hypertable('sensor_logs', 'time');

create materialized view hourly_log_analysis with (timescaledb.continuous) as
select time_bucket('1 hour', time) as hour, sensor_id, ai_summarize(log_message) as hourly_summary,
       array_agg(distinct severity) as severity_levels, count(*) as log_count
from sensor_logs
group by hour, sensor_id
with no data;

select add_continuous_aggregate_policy('hourly_log_analysis', start_offset => interval '2 hours',
  end_offset => interval '10 minutes', schedule_interval => interval '10 minutes');
