-- Whether a role's number was given by the transaction that asks, and may yet be rolled back. What has written a row is never older
-- than its transaction, subtransactions are not either, and no row of another is newer but one that has just changed: of that
-- it is said too, until this transaction ends. SECURITY DEFINER: policies ask, and a login's own row is behind one of them.
create or replace function @privschema@.is_uncommitted_user(p_user_id int)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (select from @extschema@.steadytext_users u where u.user_id = p_user_id and age(u.xmin) <= 0);
end
$$;

revoke all on function @privschema@.is_uncommitted_user from public;
comment on function @privschema@.is_uncommitted_user is 'Whether the open transaction made the row of this user, and may take it back.';
