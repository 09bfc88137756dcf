-- Names the users of a backup whose roles this server does not have.
create or replace function @privschema@.refuse_missing_roles(p_rows jsonb)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing text[];
begin
  select array_agg(to_json(u.role_name)::text order by u.role_name) into v_missing
  from jsonb_to_recordset(p_rows) as u (role_name text, has_role boolean)
  where u.has_role and to_regrole(quote_ident(u.role_name)) is null;
  if v_missing is not null then
    raise exception using errcode = 'ST010',
      message = format('The users of a backup should be roles of this server, but there is none called %s%s',
        array_to_string(v_missing[1:10], ', '),
        case when cardinality(v_missing) > 10 then format(' and %s others', cardinality(v_missing) - 10) else '' end),
      hint = 'Create the roles first. Or keep their rows for roles that are still to come: steadytext restore '
        '--keep-missing-users, or keep_missing_users => true; and once they are there, steadytext_rebind_users().';
  end if;
end
$$;

revoke all on function @privschema@.refuse_missing_roles from public;
comment on function @privschema@.refuse_missing_roles is 'Raises ST010 with the users of a backup that are no roles here.';
