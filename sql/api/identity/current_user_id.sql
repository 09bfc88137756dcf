-- The asking role's number in steadytext_users, null before it has one. Never writes, and no plain SET changes what it
-- gives: only SET ROLE does, to a role one is a member of. VOLATILE all the same: a role's first direct insert may make
-- its row in a trigger, and the policies on that very insert have to see it, which a stable function would not.
create or replace function @extschema@.current_user_id()
returns int
language sql volatile parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
  select u.user_id
  from @extschema@.steadytext_users u
  where u.role_oid = to_regrole(quote_ident(@privschema@.request_login()))
    and u.writer_oid = to_regrole('@roleprefix@steadytext_writer')
$$;

revoke all on function @extschema@.current_user_id from public;
comment on function @extschema@.current_user_id is 'Your number in steadytext_users; null while you have none.';
