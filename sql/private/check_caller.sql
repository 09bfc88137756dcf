-- Auditors may hand on calls too, of which one is theirs.
create or replace function @privschema@.check_caller(p_role_name text, p_call text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_call <> 'verify' and not pg_has_role(p_role_name, '@roleprefix@steadytext_writer', 'member')
    and not pg_has_role(p_role_name, '@roleprefix@steadytext_owner', 'member') then
    raise exception using errcode = 'ST010',
      message = format('The role "%s" should be a member of @roleprefix@steadytext_writer, but is none', p_role_name),
      hint = 'An administrator grants it that role.';
  end if;
end
$$;

revoke all on function @privschema@.check_caller from public;
comment on function @privschema@.check_caller is 'Refuses a call of a role that may not make it.';
