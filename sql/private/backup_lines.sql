-- A whole backup, line by line, as docs/backup.md has it: a header, a row a line behind the name of its table, and last how many rows
-- there are and a digest of all lines before, each with the digest of those before it. STABLE: all of it is of one snapshot.
create or replace function @privschema@.backup_lines()
returns setof text
language plpgsql stable
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
  v_line text := 'steadytext-backup ' || @privschema@.backup_header()::text;
  v_digest bytea := sha256(convert_to(v_line, 'UTF8'));
  v_part text;
  v_rows refcursor;
  v_row text;
  v_count bigint;
  v_counts jsonb := '{}'::jsonb;
begin
  return next v_line;
  foreach v_part in array @privschema@.backup_parts() loop
    v_rows := @privschema@.backup_cursor(v_part);
    v_count := 0;
    loop
      fetch v_rows into v_row;
      exit when not found;
      v_line := v_part || ' ' || v_row;
      v_digest := sha256(v_digest || convert_to(v_line, 'UTF8'));
      v_count := v_count + 1;
      return next v_line;
    end loop;
    close v_rows;
    v_counts := v_counts || jsonb_build_object(v_part, v_count);
  end loop;
  return next 'end ' || jsonb_build_object('rows', v_counts, 'digest', encode(v_digest, 'hex'))::text;
end
$$;

revoke all on function @privschema@.backup_lines from public;
comment on function @privschema@.backup_lines is 'The lines of a backup, of one snapshot.';
