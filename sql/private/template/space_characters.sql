-- White space as Python has it, which Jinja2 trims and strips by.
create or replace function @privschema@.space_characters()
returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return E' \t\n\r\f\v\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009'
    || E'\u200a\u2028\u2029\u202f\u205f\u3000';
end
$$;

revoke all on function @privschema@.space_characters from public;
comment on function @privschema@.space_characters is 'Characters that trimming takes away.';
