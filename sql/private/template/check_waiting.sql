-- What may not be put on the stack of an expression: `not` behind a comparison, and brackets deeper than the limit.
create or replace function @privschema@.check_waiting(p_part jsonb, p_below jsonb, p_depth int)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_part ->> 'role' = 'prefix' and p_below ->> 'rank' = '4' then
    perform @privschema@.refuse_template(p_part ->> 'place', '"not" behind a comparison should be in brackets');
  elsif p_depth > 100 then
    perform @privschema@.refuse_template(p_part ->> 'place', 'an expression should be nested at most 100 deep');
  end if;
end
$$;

revoke all on function @privschema@.check_waiting from public;
comment on function @privschema@.check_waiting is 'Refuses what may not wait in an expression.';
