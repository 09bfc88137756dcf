-- The filters that there are, with how many arguments each takes.
create or replace function @privschema@.filter_arguments(p_name text, out fewest int, out most int)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  fewest := case when p_name = 'replace' then 2
    when p_name in ('default', 'upper', 'lower', 'trim', 'length', 'join', 'title', 'capitalize', 'tojson', 'first', 'last')
      then 0 end;
  most := case when p_name = 'replace' then 3 when p_name = 'default' then 2 when p_name in ('join', 'trim') then 1
    else fewest end;
end
$$;

revoke all on function @privschema@.filter_arguments from public;
comment on function @privschema@.filter_arguments is 'How many arguments a filter takes; null for none of ours.';
