--- whether there is a fleet: a superuser, refused below 17 with 42704
alter system set steadytext.enable_daemon = true;
--- instead: an administrator
select steadytext_config_set('enable_daemon', 'true');

--- where it is: a superuser, refused below 17 with 42704
alter system set steadytext.daemon_host = 'steadytext-daemon.internal';
--- instead: an administrator
select steadytext_config_set('daemon_host', 'steadytext-daemon.internal');

--- its port: a superuser, refused below 17 with 42704
alter system set steadytext.daemon_port = 5555;
--- instead: an administrator
select steadytext_config_set('daemon_port', '5555');

--- patience with it: a superuser, refused below 17 with 42704
alter system set steadytext.daemon_timeout = '10s';
--- instead: an administrator
select steadytext_config_set('daemon_timeout', '10s');

--- no answers made up: a superuser, refused below 17 with 42704
alter system set steadytext.enable_fallback = false;
--- instead: an administrator
select steadytext_config_set('enable_fallback', 'false');

--- monitoring: a superuser, refused below 17 with 42704
alter system set steadytext.enable_monitoring = true;
--- instead: an administrator
select steadytext_config_set('enable_monitoring', 'true');

--- requests at once: a superuser, refused below 17 with 42704
alter system set steadytext.max_concurrent_requests = 100;
--- instead: an administrator
select steadytext_config_set('max_concurrent_requests', '100');

--- requests that wait: a superuser, refused below 17 with 42704
alter system set steadytext.queue_max_size = 10000;
--- instead: an administrator
select steadytext_config_set('queue_max_size', '10000');

--- workers: a superuser, refused below 17 with 42704
alter system set steadytext.worker_pool_size = 8;
--- instead: an administrator
select steadytext_config_set('worker_pool_size', '8');

--- memory of a request: a superuser, refused below 17 with 42704
alter system set steadytext.max_memory_per_request = '256MB';
--- instead: an administrator
select steadytext_config_set('max_memory_per_request', '256MB');

--- memory of the cache: a superuser, refused below 17 with 42704
alter system set steadytext.cache_memory_target = '2GB';
--- instead: an administrator
select steadytext_config_set('cache_memory_target', '2GB');

--- memory of all models: a superuser, refused below 17 with 42704
alter system set steadytext.model_memory_limit = '8GB';
--- instead: an administrator
select steadytext_config_set('model_memory_limit', '8GB');

--- a primary: a superuser, refused below 17 with 42704
alter system set steadytext.ha_mode = 'primary';
--- instead: an administrator
select steadytext_config_set('ha_mode', 'primary');

--- a cache that follows: a superuser, refused below 17 with 42704
alter system set steadytext.ha_sync_cache = true;
--- instead: an administrator
select steadytext_config_set('ha_sync_cache', 'true');

--- how soon it follows: a superuser, refused below 17 with 42704
alter system set steadytext.ha_sync_interval = '1s';
--- instead: an administrator
select steadytext_config_set('ha_sync_interval', '1s');

--- a standby: a superuser, refused below 17 with 42704
alter system set steadytext.ha_mode = 'standby';
--- instead: an administrator
select steadytext_config_set('ha_mode', 'standby');

--- the primary of a standby: a superuser, refused below 17 with 42704
alter system set steadytext.ha_primary_host = 'primary.db.internal';
--- instead: an administrator
select steadytext_config_set('ha_primary_host', 'primary.db.internal');

--- a cache that is read alone: a superuser, refused below 17 with 42704
alter system set steadytext.ha_readonly_cache = true;
--- instead: an administrator
select steadytext_config_set('ha_readonly_cache', 'true');

--- a promotion, created: an administrator
create or replace function steadytext_promote_to_primary() returns void as $$
begin
  alter system set steadytext.ha_mode = 'primary';
  perform steadytext_daemon_start();
  perform steadytext_preload_models();
  perform pg_notify('steadytext_failover', 'promoted_to_primary');
  perform pg_reload_conf();
end;
$$ language plpgsql;

--- a promotion, called: an administrator, refused with 25001
select steadytext_promote_to_primary();
--- instead: an administrator
select steadytext.steadytext_promote_to_primary();

--- a backup, created: a superuser, refused with 42601
create or replace function backup_steadytext_state(backup_path text) returns void as $$
begin
  copy (select * from steadytext_cache_entries) to format('%s/cache_backup.csv', backup_path) with csv header;
  copy (select * from steadytext_queue where status in ('pending', 'processing'))
    to format('%s/queue_backup.csv', backup_path) with csv header;
  copy (select name, setting from pg_settings where name like 'steadytext.%')
    to format('%s/config_backup.csv', backup_path) with csv header;
end;
$$ language plpgsql;
--- instead: a superuser
select steadytext.backup_steadytext_state(:'folder');

--- a restore, created: a superuser
create or replace function restore_steadytext_state(backup_path text) returns void as $$
begin
  truncate steadytext_cache_entries, steadytext_queue;
  execute format('copy steadytext_cache_entries from %L with csv header', format('%s/cache_backup.csv', backup_path));
  execute format('copy steadytext_queue from %L with csv header', format('%s/queue_backup.csv', backup_path));
end;
$$ language plpgsql;

--- a restore that keeps what is there: a superuser
select steadytext.restore_steadytext_state(:'folder');
