-- What came of results that a role has written, or could not write: [{"request_id", "outcome", "error"}, …]. In the transaction that
-- wrote them, and of the role's own alone.
create or replace function @privschema@.note_results(p_role_name text, p_outcomes jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
begin
  update @privschema@.write_backs w
  set outcome = o.outcome, error = left(o.error, 1000), noted_at = clock_timestamp()
  from jsonb_to_recordset(p_outcomes) as o (request_id uuid, outcome text, error text)
  where w.request_id = o.request_id and w.user_id = @extschema@.steadytext_user_id(p_role_name) and w.outcome is null;
end
$$;

revoke all on function @privschema@.note_results from public;
comment on function @privschema@.note_results is 'Notes what came of a role''s results that were to be written.';
