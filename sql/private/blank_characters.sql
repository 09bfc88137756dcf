-- All that counts as white space where an input must have text: what Unicode says, the invisible characters of no
-- width (joiners, marks of direction, fillers of Hangul), the blank pattern of Braille, and control characters. In a
-- function of its own, so that its readers agree. No pinned search_path, so that it is inlined; it runs under that of its
-- callers.
create or replace function @privschema@.blank_characters()
returns text
language sql immutable parallel safe
as $$
  select E' \t\n\r\f\v\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'
    || E'\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff'
    || E'\u00ad\u034f\u061c\u115f\u1160\u180e\u200e\u200f\u2061\u2062\u2063\u2064\u2800\u3164\uffa0'
    || E'\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017'
    || E'\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\u007f\u0080\u0081\u0082\u0083\u0084\u0086\u0087\u0088\u0089'
    || E'\u008a\u008b\u008c\u008d\u008e\u008f\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009a\u009b'
    || E'\u009c\u009d\u009e\u009f'
$$;

revoke all on function @privschema@.blank_characters from public;
comment on function @privschema@.blank_characters is 'Characters of which no input may wholly consist.';
