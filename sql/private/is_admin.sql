-- Whether a role is an administrator of the queue. Superusers are, by what pg_has_role says of them. Never null: `not null`
-- would let it pass.
create or replace function @privschema@.is_admin(p_role_name text)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(pg_has_role(to_regrole(quote_ident(p_role_name)), '@roleprefix@steadytext_admin', 'usage'), false)
$$;

revoke all on function @privschema@.is_admin from public;
comment on function @privschema@.is_admin is 'Whether a role may see and change all users'' requests.';
