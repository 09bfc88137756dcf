-- Whether two values are the same: as jsonb compares them, and true is 1 and false 0 as in Python, but for those inside of lists
-- and objects. What is undefined is equal to nothing but what is undefined.
create or replace function @privschema@.values_equal(p_left jsonb, p_right jsonb)
returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_left is null or p_right is null then
    return p_left is null and p_right is null;
  elsif p_left in ('true', 'false') and jsonb_typeof(p_right) = 'number' then
    return (p_left = 'true')::int::text::jsonb = p_right;
  elsif p_right in ('true', 'false') and jsonb_typeof(p_left) = 'number' then
    return (p_right = 'true')::int::text::jsonb = p_left;
  end if;
  return p_left = p_right;
end
$$;

revoke all on function @privschema@.values_equal from public;
comment on function @privschema@.values_equal is 'Whether two values are the same.';
