-- Whether whoever calls may have a whole backup, which holds rows of all users, and may write or read files of the server. Runs as
-- its caller.
create or replace function @privschema@.check_server_files(p_path text, p_file_role text, p_command text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not pg_has_role('@roleprefix@steadytext_owner', 'usage') then
    raise exception using errcode = 'insufficient_privilege',
      message = format('"%s" should be a superuser or a member of @roleprefix@steadytext_owner, since a backup holds the rows of all users, but is not',
        current_user),
      hint = format('The database''s owner runs: steadytext %s <file>', p_command);
  elsif not pg_has_role(p_file_role, 'usage') then
    raise exception using errcode = 'insufficient_privilege',
      message = format('"%s" should be a member of %s, since the file is one of the server, but is not', current_user, p_file_role),
      hint = format('Run it where you are, with a file there: steadytext %s <file>', p_command);
  elsif coalesce(p_path !~ '^(/|[A-Za-z]:)' or length(p_path) > 900, true) then
    raise exception 'backup_path should be the full path of a folder of the server, but is %',
      coalesce(to_json(left(p_path, 100))::text, 'null')
      using hint = 'Such as /var/backups/steadytext, in which the server''s account may write.';
  end if;
end
$$;

revoke all on function @privschema@.check_server_files from public;
comment on function @privschema@.check_server_files is 'Refuses who may have no backup or no files of the server, and a path that is none.';
