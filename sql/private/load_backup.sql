-- Reads a backup's file of the server into a temporary table of the caller's, and refuses one that is not whole. Gives the table
-- and the file's header. Runs as its caller, who may read files of the server. Neither delimiter nor quote is ever in a line: JSON has
-- no control characters.
create or replace function @privschema@.load_backup(p_file text, out lines regclass, out header jsonb)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  v_line text;
  v_last text;
  v_first text;
  v_digest bytea;
begin
  drop table if exists pg_temp.steadytext_backup_lines;
  create temporary table steadytext_backup_lines (number bigint generated always as identity primary key, line text) on commit drop;
  lines := to_regclass('pg_temp.steadytext_backup_lines');
  begin
    execute format('copy %s (line) from %L
      with (format csv, delimiter %L, quote %L, escape %L, encoding ''UTF8'')', lines, p_file, chr(2), chr(1), chr(1));
  exception when data_exception then
    perform @privschema@.refuse_backup(p_file);
  end;
  for v_line in execute format('select l.line from %s l order by l.number', lines) loop
    v_first := coalesce(v_first, v_line);
    if v_last is not null then
      v_digest := sha256(coalesce(v_digest, '') || convert_to(v_last, 'UTF8'));
    end if;
    v_last := v_line;
  end loop;
  if not coalesce(starts_with(v_first, 'steadytext-backup {') and v_last ~ '^end [{].*[}]$', false)
    or v_digest is distinct from decode(substring(v_last from '"digest": ?"([0-9a-f]{64})"'), 'hex') then
    perform @privschema@.refuse_backup(p_file);
  end if;
  header := substr(v_first, length('steadytext-backup ') + 1)::jsonb;
end
$$;

revoke all on function @privschema@.load_backup from public;
comment on function @privschema@.load_backup is 'Reads a backup of the server into a temporary table; gives that and its header.';
