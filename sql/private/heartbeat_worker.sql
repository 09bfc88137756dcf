-- A worker's word of itself, and of the models it serves, which makes them known to enqueue. A model's row is written
-- only when something about it is new: all workers say the same every few seconds. Where they do not, the row does not go
-- to and fro: what it says of a model holds as long as a worker that lives serves exactly that, and its max_tokens are
-- those of the worker that holds the most (hand_over_requests brings long prompts there). A new model becomes the
-- default where its kind has none, as when an administrator has deleted the default's row. Not so a reranking model: requests to
-- rerank have the default embedding model, and one worker does not decide for the fleet that they get other scores. And never a
-- provider's, which has a colon in its name.
create or replace function @privschema@.heartbeat_worker(
  p_worker_id uuid, p_state text, p_host text, p_pid int, p_version text, p_engines jsonb, p_models jsonb,
  p_name text default null, p_machine jsonb default null)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into @extschema@.steadytext_workers (worker_id, name, state, host, pid, version, login, engines, models, machine)
  values (p_worker_id, coalesce(p_name, p_host), p_state, p_host, p_pid, p_version, session_user, coalesce(p_engines, '[]'),
    coalesce(p_models, '[]'), coalesce(p_machine, '{}'))
  on conflict (worker_id) do update set
    name = excluded.name, state = excluded.state, host = excluded.host, pid = excluded.pid,
    version = excluded.version, login = excluded.login, engines = excluded.engines, models = excluded.models,
    machine = excluded.machine, heartbeat_at = excluded.heartbeat_at;

  perform @privschema@.register_users();
  begin
    insert into @extschema@.steadytext_models as m (name, kind, is_default, digest, max_tokens, dimension)
    select s.name, s.kind,
           k.name is null and s.kind <> 'reranking' and strpos(s.name, ':') = 0
             and row_number() over (partition by s.kind, k.name is null, strpos(s.name, ':') order by s.name) = 1
             and not exists (select from @extschema@.steadytext_models d where d.kind = s.kind and d.is_default),
           s.digest, s.max_tokens, s.dimension
    from (
      select distinct on (a.name) a.name, a.kind, a.digest, max(a.max_tokens) as max_tokens, a.dimension
      from @privschema@.served_models() a
      left join @extschema@.steadytext_models b on b.name = a.name
      group by a.name, a.kind, a.digest, a.dimension, b.kind, b.digest, b.dimension
      order by a.name, (a.kind, a.digest, a.dimension) is not distinct from (b.kind, b.digest, b.dimension) desc,
               bool_or(a.worker_id = p_worker_id) desc
    ) s
    left join @extschema@.steadytext_models k on k.name = s.name
    where (k.kind, k.digest, k.max_tokens, k.dimension) is distinct from (s.kind, s.digest, s.max_tokens, s.dimension)
    order by s.name
    on conflict (name) do update set
      digest = excluded.digest, max_tokens = excluded.max_tokens, dimension = excluded.dimension,
      updated_at = clock_timestamp();
  exception when exclusion_violation or deadlock_detected then
    -- Another worker has just made its model the default, or is about to: the next heartbeat registers ours beside it.
    null;
  end;
end
$$;

revoke all on function @privschema@.heartbeat_worker from public;
comment on function @privschema@.heartbeat_worker is 'Writes a worker''s row and registers the models it serves.';
