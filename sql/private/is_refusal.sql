-- Whether an error means that a rule of the administrator's refused a call, as against a call that makes no sense: those are for the
-- audit log too.
create or replace function @privschema@.is_refusal(p_sqlstate text, p_message text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select p_sqlstate = 'ST009' or p_message ~ '^(Potentially malicious|Batch size exceeds|Remote models |Rate limit exceeded)'
$$;

revoke all on function @privschema@.is_refusal from public;
comment on function @privschema@.is_refusal is 'Whether an error is a refusal by a rule of the administrator''s.';
