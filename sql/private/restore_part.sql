-- One part of what load_backup has read, in pieces of about a megabyte: rows there, and rows that came in.
create or replace function @privschema@.restore_part(
  p_lines regclass, p_part text, p_user_ids jsonb, p_replaces boolean, out rows_there bigint, out restored bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rows jsonb;
  v_count bigint;
begin
  rows_there := 0;
  restored := 0;
  for v_rows, v_count in execute format(
    'select jsonb_agg(p.piece order by p.number), count(*)
     from (select l.number, substr(l.line, $1)::jsonb as piece,
                  sum(octet_length(l.line)) over (order by l.number) / 1000000 as piece_number
           from %s l where starts_with(l.line, $2)) p
     group by p.piece_number order by p.piece_number', p_lines)
    using length(p_part) + 2, p_part || ' {'
  loop
    rows_there := rows_there + v_count;
    restored := restored + @privschema@.restore_rows(p_part, v_rows, p_user_ids, p_replaces);
  end loop;
end
$$;

revoke all on function @privschema@.restore_part from public;
comment on function @privschema@.restore_part is 'Restores one part of a backup that load_backup has read.';
