-- A role's own results that have a place to go, and what else their requests came to, as JSON: oldest first, and none that another
-- transaction is writing. They stay locked until this transaction ends, so that nobody else writes them. No administrator takes those of
-- others: into which table they go is for them to say who asked, and whoever writes does it with all rights that he has.
create or replace function @privschema@.take_results(p_role_name text, p_max_rows int)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
set extra_float_digits = 1
as $$
declare
  v_user_id int := @extschema@.steadytext_user_id(p_role_name);
begin
  return (
    select jsonb_agg(to_jsonb(t) order by t.request_id)
    from (
      select w.request_id, w.into_table, w.table_owner, w.into_column, w.into_key, w.from_column, encode(w.source_digest, 'hex') as digest,
             q.status, q.error, coalesce(q.result, q.embedding::text) as value, q.embedding is not null as is_embedding
      from @privschema@.write_backs w
      left join lateral (
        select r.request_id, r.status, r.completed_at, r.error, r.result, r.embedding
        from @extschema@.steadytext_queue r
        where r.request_id = w.request_id
        offset 0) q on true
      where w.user_id = v_user_id and w.is_finished and w.outcome is null
      order by w.request_id
      limit p_max_rows
      for update of w skip locked) t);
end
$$;

revoke all on function @privschema@.take_results from public;
comment on function @privschema@.take_results is 'A role''s finished requests whose results are to be written, locked.';
