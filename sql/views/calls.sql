-- How the functions of users do what only the owner may: they insert a row here, a trigger does it and gives the row back with
-- the answer. Nothing is stored. `asked_by` is written by a trigger that runs as whoever inserts, so it cannot be forged. A
-- SECURITY DEFINER function could not know who calls it: in it current_user is its owner, and session_user may be somebody
-- whose statement set off a trigger of the real caller's (a foreign key that cascades runs as the owner of the referencing
-- table).
create or replace view @privschema@.calls with (security_invoker = true) as
select null::text as asked_by, null::text as call, null::uuid as request_id, null::text[] as inputs,
       null::jsonb as options, null::text as model, null::boolean as unsafe_mode, null::int as priority,
       null::timestamptz as scheduled_at, null::text as idempotency_key, null::jsonb as answer,
       null::uuid[] as request_ids, null::jsonb as write_back
where false;

comment on view @privschema@.calls is 'Where functions of users hand on what they are to do, with who called them.';
