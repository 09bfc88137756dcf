-- What is no whole backup.
create or replace function @privschema@.refuse_backup(p_file text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'ST020',
    message = format('A whole backup should be in %s, but what is there is damaged, cut off or something else', p_file),
    hint = 'Nothing was restored. Use another copy of it, or another backup.';
end
$$;

revoke all on function @privschema@.refuse_backup from public;
comment on function @privschema@.refuse_backup is 'Raises ST020 for a file that is no whole backup.';
