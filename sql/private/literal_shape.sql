-- What a value of a JSON Schema that an answer is to have, or to be compared with, should be, where it is not; null where it is.
-- Workers know numbers as doubles: one that a double does not give back as it stands would come out as another one, so a 64-bit
-- id in an enum would be the id of something else. extra_float_digits is pinned for the shortest digits of a double.
create or replace function @privschema@.literal_shape(p_value jsonb)
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
  select case
    when @privschema@.is_deep(p_value) then 'nested at most 64 deep'
    when exists (
      select from jsonb_path_query(p_value, 'strict $.** ? (@.type() == "number")') as n (number)
      cross join lateral (values (n.number::numeric)) as v (exact)
      where case
        when v.exact = 0 then false
        when abs(v.exact) not between 1e-307 and 1e308 then true
        else v.exact::float8::text::numeric <> v.exact end)
      then 'of numbers that a double holds exactly (write larger ones as text)'
  end
$$;

revoke all on function @privschema@.literal_shape from public;
comment on function @privschema@.literal_shape is 'What a value in a JSON Schema should be, if it is not: shallow, of exact numbers.';
