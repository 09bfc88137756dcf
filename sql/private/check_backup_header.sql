-- A backup's rows go into tables of the very shape that they came from: that of the same newest migration.
create or replace function @privschema@.check_backup_header(p_header jsonb)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_here int := @privschema@.schema_version();
  v_there int := (p_header ->> 'migration')::int;
begin
  if p_header ->> 'format' is distinct from '1' then
    raise exception using errcode = 'ST020',
      message = format('A backup should have the format 1, but this one has %s', coalesce(p_header ->> 'format', 'none')),
      hint = 'Restore it with the release that made it, or with a newer one.';
  elsif v_there is distinct from v_here then
    raise exception using errcode = 'ST020',
      message = format('A backup should be of migration %s, as this database, but this one is of migration %s (release %s)',
        v_here, coalesce(v_there::text, 'none'), coalesce(p_header ->> 'release', 'unknown')),
      hint = case when v_there > v_here then 'Run steadytext migrate of that release here first; then restore.'
        else 'Restore it into an empty database that the release which made it has migrated, and migrate that one.' end;
  end if;
end
$$;

revoke all on function @privschema@.check_backup_header from public;
comment on function @privschema@.check_backup_header is 'Refuses the backup of another version.';
