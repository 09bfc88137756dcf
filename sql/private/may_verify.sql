-- Whether the asking login may have a user's requests run again: whoever sees them, and auditors, who learn from it
-- whether the bytes were the same, and nothing of the bytes.
create or replace function @privschema@.may_verify(p_user_id int)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @privschema@.may_see(p_user_id)
    or coalesce(pg_has_role(@privschema@.request_login(), '@roleprefix@steadytext_auditor', 'usage'), false)
$$;

revoke all on function @privschema@.may_verify from public;
comment on function @privschema@.may_verify is 'Whether the asking login may have requests of a user run again.';
