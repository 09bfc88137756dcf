-- Logs of sensors: those unlike what their sensor said before, found by embeddings. Needs pgvector. Columns of 1,024 numbers hold the 384
-- of the default model too, with zeros at their end.
set steadytext.embedding_dimensions = 1024;

create table sensor_logs (
  time timestamptz not null,
  sensor_id int not null,
  log_message text not null,
  severity text not null,
  embedding vector(1024)
);

-- The last hour of three sensors, a message every two minutes; in each hour one is of another kind.
insert into sensor_logs (time, sensor_id, log_message, severity)
select now() - interval '1 hour' + n * interval '2 minutes', s.sensor_id,
       case when n = s.odd_at then s.odd else format('Temperature of sensor %s is %s degrees, as expected.', s.sensor_id, 20 + (n * 7 + s.sensor_id) % 4) end,
       case when n = s.odd_at then 'error' else 'info' end
from (values
  (1, 17, 'Connection to the gateway lost after three attempts, switching to battery power.'),
  (2, 25, 'Smoke was detected in the server room and the alarm was raised.'),
  (3, 0, '')
) as s (sensor_id, odd_at, odd)
cross join generate_series(1, 29) as n;

-- Equal messages have equal embeddings: each is asked for once, and the statement that enqueues them commits before any is waited for.
create temporary table asked as
select m.log_message, m.request_id
from (select array_agg(l.log_message) as messages, steadytext_embed_batch_async(array_agg(l.log_message)) as request_ids
      from (select distinct log_message from sensor_logs where embedding is null) l) b
cross join lateral unnest(b.messages, b.request_ids) as m (log_message, request_id);

update sensor_logs l
set embedding = e.embedding
from (select a.log_message, steadytext_get_async_result_embedding(a.request_id, 300) as embedding from asked a) e
where e.log_message = l.log_message;

-- How far each message is from the mean of the hundred before it. pgvector's avg() makes that mean.
create function detect_log_anomalies(time_window interval default '1 hour')
returns table (sensor_id int, anomaly_time timestamptz, log_message text, anomaly_score float)
language plpgsql
as $$
#variable_conflict use_column
begin
  return query
    with recent_logs as (
      select l.sensor_id, l.time, l.log_message, l.embedding,
             avg(l.embedding) over (
               partition by l.sensor_id order by l.time rows between 100 preceding and 1 preceding) as baseline_embedding
      from sensor_logs l
      where l.time > now() - time_window
    )
    select rl.sensor_id, rl.time, rl.log_message, rl.embedding <=> rl.baseline_embedding
    from recent_logs rl
    where rl.embedding <=> rl.baseline_embedding > 0.5
    order by 4 desc;
end
$$;

select sensor_id, log_message, round(anomaly_score::numeric, 2) as score from detect_log_anomalies('2 hours');
