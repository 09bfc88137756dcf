-- What final requests came to, in the order of their ids: {"result": …, "embedding": …} or {"error": …} each.
create or replace function @privschema@.sync_results(p_request_ids uuid[])
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(
    case
      when q.status = 'completed' then jsonb_build_object('result', q.result, 'embedding', q.embedding::text)
      when q.status is null then
        @privschema@.error_answer('P0001', format('Request ID %s not found', i.request_id), 'It was pruned meanwhile: repeat the call.')
      when q.status = 'cancelled' then
        @privschema@.error_answer('ST008', format('Request %s should have completed, but was cancelled', i.request_id),
          'Repeat the call.')
      else
        @privschema@.error_answer('P0001', 'Request failed: ' || coalesce(q.error, 'no reason given'),
          format('After %s retries; request %s.', q.retry_count, i.request_id))
    end order by i.position), '[]')
  from unnest(p_request_ids) with ordinality as i (request_id, position)
  left join lateral (
    select * from @extschema@.steadytext_queue k where k.request_id = i.request_id offset 0) q on true
$$;

revoke all on function @privschema@.sync_results from public;
comment on function @privschema@.sync_results is 'What final requests came to, as a JSON array.';
