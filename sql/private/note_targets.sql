-- Remembers where the results of a call's requests go. What the caller's functions found is taken as it is: it is written with
-- the caller's own rights and no others. An idempotency key that stands for requests with another target is refused.
create or replace function @privschema@.note_targets(p_role_name text, p_request_ids uuid[], p_write_back jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_keys jsonb := p_write_back -> 'keys';
begin
  if jsonb_array_length(v_keys) is distinct from cardinality(p_request_ids) then
    perform @privschema@.raise_option('into_keys', format('one for each input, %s', cardinality(p_request_ids)),
      jsonb_array_length(v_keys)::text, 'Pass an array of as many JSON objects as inputs, in their order.');
  end if;
  insert into @privschema@.write_backs as w
    (request_id, user_id, into_table, table_owner, into_column, into_key, from_column, source_digest, is_finished)
  select i.request_id, @extschema@.steadytext_user_id(p_role_name), p_write_back ->> 'table', coalesce(p_write_back ->> 'owner', ''), p_write_back ->> 'column',
         v_keys -> i.position::int - 1, p_write_back ->> 'from', decode(p_write_back -> 'digests' ->> i.position::int - 1, 'hex'),
         -- It may have been in the cache.
         coalesce((select q.completed_at is not null from @extschema@.steadytext_queue q where q.request_id = i.request_id), true)
  from unnest(p_request_ids) with ordinality as i (request_id, position)
  on conflict on constraint write_backs_pkey do nothing;
  if exists (
    select from unnest(p_request_ids) with ordinality as i (request_id, position)
    join @privschema@.write_backs w on w.request_id = i.request_id
    where (w.into_table, w.into_column, w.into_key, w.from_column) is distinct from
      (p_write_back ->> 'table', p_write_back ->> 'column', v_keys -> i.position::int - 1, p_write_back ->> 'from'))
  then
    raise exception using errcode = 'ST005',
      message = 'An idempotency key should come with what it was first used for, but came with another place for the result',
      hint = 'Use a new key for a new request.';
  end if;
end
$$;

revoke all on function @privschema@.note_targets from public;
comment on function @privschema@.note_targets is 'Remembers where results of new requests are to be written.';
