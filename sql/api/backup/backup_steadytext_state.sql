-- Writes a backup into a folder of the server, by COPY, with the rights of whoever calls: a superuser, or a member of the owner's role
-- that may write files there. Never over another one: until it is whole, there would be none.
create or replace function @extschema@.backup_steadytext_state(backup_path text)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_file text := rtrim(backup_path, '/') || '/steadytext-backup.jsonl';
  v_is_there boolean := false;
  v_rows bigint;
begin
  perform @privschema@.check_server_files(backup_path, 'pg_write_server_files', 'backup');
  begin
    v_is_there := (pg_stat_file(v_file, true)).size is not null;
  exception when insufficient_privilege then
    null;
  end;
  if v_is_there then
    raise exception 'A backup should go into a folder without one, but there is %', v_file
      using hint = 'Name another folder, or move that one away first.';
  end if;
  execute format('copy (select l.line from @privschema@.backup_lines() as l (line)) to %L
    with (format csv, delimiter %L, quote %L, escape %L, encoding ''UTF8'')', v_file, chr(2), chr(1), chr(1));
  get diagnostics v_rows = row_count;
  -- But for the header and the end.
  v_rows := v_rows - 2;
  perform @privschema@.log_action(@privschema@.login_name(), 'state_backed_up', 'backup_steadytext_state', null,
    jsonb_build_object('rows', v_rows));
  return v_rows;
end
$$;

revoke all on function @extschema@.backup_steadytext_state from public;
comment on function @extschema@.backup_steadytext_state is
  'Writes cache, queue, settings, prompts and users into a folder of the server; gives how many rows.';
