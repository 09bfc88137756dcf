--- memory of models: a reader
select * from steadytext_model_memory_usage();

--- a bound for models: a superuser, refused below 17 with 42704
alter system set steadytext.max_model_memory = '4GB';
--- instead: an administrator
select steadytext_config_set('max_model_memory', '4GB');

--- how models are kept: a superuser, refused below 17 with 42704
alter system set steadytext.model_cache_mode = 'mmap';
--- instead: an administrator
select steadytext_config_set('model_cache_mode', 'mmap');

--- sharing of models: a superuser, refused below 17 with 42704
alter system set steadytext.enable_model_sharing = true;
--- instead: an administrator
select steadytext_config_set('enable_model_sharing', 'true');

--- opening the models: an administrator
select steadytext_preload_models();

--- closing the models: an administrator
select steadytext_unload_models();

--- models by free memory, created: an administrator
create or replace function manage_model_memory() returns void as $$
declare
  free_memory_mb integer;
begin
  select (memory_free_mb + memory_cached_mb) into free_memory_mb from pg_stat_memory;
  if free_memory_mb < 1000 then
    perform steadytext_unload_models();
  elsif free_memory_mb > 4000 then
    perform steadytext_preload_models();
  end if;
end;
$$ language plpgsql;

--- models by free memory, called: an administrator, refused with 42P01
select manage_model_memory();
--- instead: an administrator
select steadytext.manage_model_memory();

--- models by free memory, every five minutes: a superuser, with pg_cron
select cron.schedule('memory-management', '*/5 * * * *', 'select steadytext.manage_model_memory()');

--- size of the pool: a superuser, refused below 17 with 42704
alter system set steadytext.daemon_pool_size = 10;
--- instead: an administrator
select steadytext_config_set('daemon_pool_size', '10');

--- patience with the pool: a superuser, refused below 17 with 42704
alter system set steadytext.daemon_pool_timeout = '5s';
--- instead: an administrator
select steadytext_config_set('daemon_pool_timeout', '5s');

--- pauses between attempts to connect: a superuser, refused below 17 with 42704
alter system set steadytext.daemon_reconnect_interval = '1s';
--- instead: an administrator
select steadytext_config_set('daemon_reconnect_interval', '1s');

--- a view of connections: a reader
create or replace view daemon_pool_status as
select connection_id, state, last_used, request_count, error_count, avg_response_time_ms from steadytext_daemon_connections();

--- connections, shown: a reader
--- columns connection_id, state, last_used, request_count, error_count, avg_response_time_ms
select * from daemon_pool_status;

--- the view of connections that is there already: a reader
--- columns connection_id, state, last_used, request_count, error_count, avg_response_time_ms
select * from steadytext.daemon_pool_status;

--- health of the fleet, created: a reader
create or replace function check_daemon_health() returns table (status text, details jsonb) as $$
begin
  if not exists (select 1 from steadytext_daemon_status() where daemon_running = true) then
    return query select 'ERROR', jsonb_build_object('message', 'Daemon not running');
  end if;
  if exists (select 1 from daemon_pool_status where error_count > 10) then
    return query select 'WARNING', jsonb_build_object('message', 'High error rate in connection pool');
  end if;
  return query select 'OK', jsonb_build_object('message', 'Daemon healthy');
end;
$$ language plpgsql;

--- health of the fleet, called: a reader
--- columns status, details
select * from check_daemon_health();

--- health of the fleet in one row: a reader
--- columns status, details
select * from steadytext.check_daemon_health();
