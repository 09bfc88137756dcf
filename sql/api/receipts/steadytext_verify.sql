-- Runs a completed request again, and says whether the same came of it. No worker sees the second run before this
-- transaction commits, so the first call enqueues it and says "pending"; call again for the verdict: same, different,
-- not comparable (made by another model, converter, engine, runtime or CPU class: `was` and `is` say which), altered (the
-- row is not what its receipt was written for), failed. With `again` a verdict does not stand: there is one more run.
create or replace function @extschema@.steadytext_verify(request_id uuid, again boolean default false)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_answer jsonb;
begin
  insert into @privschema@.calls (call, request_id, options)
  values ('verify', request_id, jsonb_build_object('again', again))
  returning answer into v_answer;
  return v_answer;
end
$$;

revoke all on function @extschema@.steadytext_verify from public;
comment on function @extschema@.steadytext_verify is
  'Runs a completed request again; says whether the same came of it, at the next call.';
