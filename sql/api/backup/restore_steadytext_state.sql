-- Restores what backup_steadytext_state has written, with the rights of whoever calls. All or nothing, in the transaction of the call; no
-- row that is there goes. Gives what the file held and what came in.
create or replace function @extschema@.restore_steadytext_state(
  backup_path text, replace_settings boolean default false, keep_missing_users boolean default false)
returns table (table_name text, rows_in_backup bigint, rows_restored bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_backup record;
  v_users record;
  v_user_rows jsonb;
  v_part text;
  v_counts record;
  v_restored jsonb := '{}'::jsonb;
begin
  perform @privschema@.check_server_files(backup_path, 'pg_read_server_files', 'restore');
  v_backup := @privschema@.load_backup(rtrim(backup_path, '/') || '/steadytext-backup.jsonl');
  perform @privschema@.check_backup_header(v_backup.header);
  execute format('select coalesce(jsonb_agg(substr(l.line, 18)::jsonb order by l.number), ''[]'')
    from %s l where starts_with(l.line, ''steadytext_users {'')', v_backup.lines) into v_user_rows;
  v_users := @privschema@.restore_users(v_user_rows, coalesce(replace_settings, false), coalesce(keep_missing_users, false));
  foreach v_part in array @privschema@.backup_parts() loop
    if v_part = 'steadytext_users' then
      table_name := v_part;
      rows_in_backup := jsonb_array_length(v_user_rows);
      rows_restored := v_users.restored;
    else
      v_counts := @privschema@.restore_part(v_backup.lines, v_part, v_users.user_ids, coalesce(replace_settings, false));
      table_name := v_part;
      rows_in_backup := v_counts.rows_there;
      rows_restored := v_counts.restored;
    end if;
    v_restored := v_restored || jsonb_build_object(v_part, rows_restored);
    return next;
  end loop;
  execute format('drop table %s', v_backup.lines);
  perform @privschema@.log_action(@privschema@.login_name(), 'state_restored', 'restore_steadytext_state', null,
    jsonb_build_object('rows', v_restored));
end
$$;

revoke all on function @extschema@.restore_steadytext_state from public;
comment on function @extschema@.restore_steadytext_state is
  'Restores a backup from a folder of the server; gives the rows that it held and those that were not there.';
