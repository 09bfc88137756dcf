-- One row, the worst of what there is. A worker that was killed leaves its row for a day, so only what fell silent within the last
-- ten minutes is told. Errors count where they are more than ten and more than a twentieth of an engine's requests.
create or replace function @extschema@.check_daemon_health()
returns table (status text, details jsonb)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select case when l.workers = 0 then 'ERROR' when p.problems is null then 'OK' else 'WARNING' end,
         jsonb_build_object(
           'message', case when l.workers = 0 then 'Daemon not running: no worker lives' else coalesce(p.problems, 'Daemon healthy') end,
           'workers', l.workers, 'stale', s.workers, 'paused', f.paused, 'engines_with_errors', e.failing)
  from (select count(*)::int as workers from @privschema@.live_workers()) l
  cross join (
    select count(*)::int as workers from @extschema@.steadytext_workers w
    where w.heartbeat_at between clock_timestamp() - interval '10 minutes' and clock_timestamp() - interval '30 seconds') s
  cross join (select @privschema@.is_paused() as paused) f
  cross join (
    select count(*)::int as failing from @privschema@.live_engines() g
    where g.state <> 'ready' or g.errors > 10 and g.errors > g.requests * 0.05) e
  cross join lateral (
    select string_agg(t.problem, '; ') as problems
    from (values
      (f.paused, 'Fleet paused: steadytext_daemon_start() resumes it'),
      (s.workers > 0, format('%s workers fell silent', s.workers)),
      (e.failing > 0, format('High error rate in %s engines, or not running', e.failing))
    ) as t (holds, problem)
    where t.holds) p
$$;

revoke all on function @extschema@.check_daemon_health from public;
comment on function @extschema@.check_daemon_health is
  'Whether the fleet is well: ERROR without a worker that lives, WARNING with what is wrong, else OK.';
