-- Whether a role may have a user's requests run again: whoever sees them, and auditors, who learn from it whether the bytes
-- were the same, and nothing of the bytes.
create or replace function @privschema@.may_verify(p_role_name text, p_user_id int)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select @privschema@.may_see(p_role_name, p_user_id)
    or coalesce(pg_has_role(to_regrole(quote_ident(p_role_name)), '@roleprefix@steadytext_auditor', 'usage'), false)
$$;

revoke all on function @privschema@.may_verify from public;
comment on function @privschema@.may_verify is 'Whether a role may have requests of a user run again.';
