-- Whether the asking login is an administrator of the queue. Superusers are, by what pg_has_role says of them. Never null,
-- also where nobody asks: `not null` would let it pass.
create or replace function @privschema@.is_admin()
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(pg_has_role(@privschema@.request_login(), '@roleprefix@steadytext_admin', 'usage'), false)
$$;

revoke all on function @privschema@.is_admin from public;
comment on function @privschema@.is_admin is 'Whether the asking login may see and change all users'' requests.';
