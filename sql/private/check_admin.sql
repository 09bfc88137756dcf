-- Who calls through calls may be any writer: what is for administrators, and for who may replace our functions, asks for it here.
create or replace function @privschema@.check_admin(p_role_name text, p_function_name text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not @privschema@.is_admin(p_role_name)
    and not coalesce(pg_has_role(to_regrole(quote_ident(p_role_name)), '@roleprefix@steadytext_owner', 'usage'), false)
  then
    raise exception using errcode = 'insufficient_privilege', message = format('permission denied for function %s', p_function_name),
      hint = 'It is for members of @roleprefix@steadytext_admin.';
  end if;
end
$$;

revoke all on function @privschema@.check_admin from public;
comment on function @privschema@.check_admin is 'Raises for a role that is no administrator.';
