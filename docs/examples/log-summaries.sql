-- The logs of log-anomalies.sql by the hour, each hour and sensor in a few words. A view of this kind is filled when it is refreshed, by whoever
-- owns it; with TimescaleDB a continuous aggregate does the same bit by bit (timescaledb.sql).
create materialized view hourly_log_analysis as
select date_trunc('hour', time) as hour, sensor_id, ai_summarize(log_message order by time) as hourly_summary,
       array_agg(distinct severity) as severity_levels, count(*) as log_count
from sensor_logs
group by hour, sensor_id
with no data;

refresh materialized view hourly_log_analysis;

select hour, sensor_id, severity_levels, log_count, hourly_summary from hourly_log_analysis order by hour, sensor_id;
