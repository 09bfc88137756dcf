-- All that counts as white space where an input must have text: what Unicode says, the invisible characters of no
-- width (joiners, marks of direction, fillers of Hangul), and the blank pattern of Braille. In a function of its own, so
-- that its readers agree.
create or replace function @privschema@.blank_characters()
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select E' \t\n\r\f\v\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'
    || E'\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff'
    || E'\u00ad\u034f\u061c\u115f\u1160\u180e\u200e\u200f\u2061\u2062\u2063\u2064\u2800\u3164\uffa0'
$$;

revoke all on function @privschema@.blank_characters from public;
comment on function @privschema@.blank_characters is 'Characters of which no input may wholly consist.';
