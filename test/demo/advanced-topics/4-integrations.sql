--- search by vectors, then ranked, created: a writer, with vector
create or replace function semantic_search_with_rerank(
  query_text text, limit_results integer default 10, similarity_threshold float default 0.7)
returns table (doc_id integer, content text, vector_similarity float, rerank_score float, final_score float) as $$
declare
  query_embedding vector;
begin
  query_embedding := steadytext_embed(query_text)::vector;
  return query
  with candidates as (
    select d.id, d.content, 1 - (d.embedding <=> query_embedding) as similarity
    from documents d where 1 - (d.embedding <=> query_embedding) > similarity_threshold
    order by d.embedding <=> query_embedding limit limit_results * 3
  ), reranked as (
    select c.id, c.content, c.similarity, r.score as rerank_score
    from candidates c, lateral steadytext_rerank(query_text, array_agg(c.content) over (), 'semantic search reranking') r
    where c.content = r.document
  )
  select r.id, r.content, r.similarity, r.rerank_score, 0.6 * r.rerank_score + 0.4 * r.similarity as final_score
  from reranked r order by final_score desc limit limit_results;
end;
$$ language plpgsql;

--- search by vectors, then ranked, called: a writer, with vector, refused with 42P20
select * from semantic_search_with_rerank('how do I back up?');
--- instead: shown by docs/examples/semantic-search.sql

--- an index for cosines: a writer, with vector
create index idx_documents_embedding_cosine on documents using ivfflat (embedding vector_cosine_ops) with (lists = 100);

--- an index for distances: a writer, with vector
create index idx_documents_embedding_l2 on documents using ivfflat (embedding vector_l2_ops) with (lists = 100);

--- logs of sensors: a writer, with vector
create table sensor_logs (
  time timestamptz not null, sensor_id integer, log_message text, severity text, embedding vector(1024));

--- logs by time: a writer, with timescaledb
select create_hypertable('sensor_logs', 'time');
--- instead: shown by docs/examples/timescaledb.sql

--- summaries by the hour: a writer, with timescaledb
create materialized view hourly_log_analysis with (timescaledb.continuous) as
select time_bucket('1 hour', time) as hour, sensor_id, ai_summarize(log_message) as hourly_summary,
       array_agg(distinct severity) as severity_levels, count(*) as log_count
from sensor_logs group by hour, sensor_id with no data;
--- instead: shown by docs/examples/timescaledb.sql

--- summaries kept up to date: a writer, with timescaledb
select add_continuous_aggregate_policy('hourly_log_analysis', start_offset => interval '2 hours',
  end_offset => interval '10 minutes', schedule_interval => interval '10 minutes');
--- instead: shown by docs/examples/timescaledb.sql

--- unusual messages, created: a writer, with vector
create or replace function detect_log_anomalies(time_window interval default '1 hour')
returns table (sensor_id integer, anomaly_time timestamptz, log_message text, anomaly_score float) as $$
begin
  return query
  with recent_logs as (
    select l.*, avg(embedding) over (partition by sensor_id order by time rows between 100 preceding and 1 preceding)
             as baseline_embedding
    from sensor_logs l where time > now() - time_window
  )
  select rl.sensor_id, rl.time, rl.log_message, (rl.embedding <=> rl.baseline_embedding) as anomaly_score
  from recent_logs rl where (rl.embedding <=> rl.baseline_embedding) > 0.5 order by anomaly_score desc;
end;
$$ language plpgsql;

--- unusual messages, called: a writer, with vector, refused with 42702
select * from detect_log_anomalies();
--- instead: shown by docs/examples/log-anomalies.sql

--- a place described, created: a writer, with postgis, refused with 42601
create or replace function generate_location_description(location geometry, style text default 'descriptive')
returns text as $$
declare
  lat float;
  lon float;
  nearby_places text[];
  place_types text[];
begin
  lat := st_y(location);
  lon := st_x(location);
  select array_agg(name order by st_distance(geom, location) limit 5) into nearby_places
  from places where st_dwithin(geom, location, 1000);
  return steadytext_generate(
    format('Describe a location at latitude %s, longitude %s. Nearby places: %s. Style: %s',
      lat, lon, array_to_string(nearby_places, ', '), style), max_tokens := 200);
end;
$$ language plpgsql;
--- instead: shown by docs/examples/postgis.sql

--- content by place, created: a writer, with postgis
create or replace function search_geo_content(query_text text, center_location geometry, radius_meters float)
returns table (content_id integer, content text, location geometry, distance float, relevance_score float) as $$
begin
  return query
  with geo_filtered as (
    select c.id, c.content, c.location, st_distance(c.location, center_location) as distance
    from content c where st_dwithin(c.location, center_location, radius_meters)
  ), reranked as (
    select gf.*, r.score
    from geo_filtered gf, lateral steadytext_rerank(query_text, array_agg(gf.content) over (), 'location-based search') r
    where gf.content = r.document
  )
  select r.id, r.content, r.location, r.distance, r.score from reranked r order by r.score desc, r.distance asc;
end;
$$ language plpgsql;

--- content by place, called: a writer, with postgis, refused with 42P20
select * from search_geo_content('a warm place', st_makepoint(0, 0), 1000);
--- instead: shown by docs/examples/postgis.sql
