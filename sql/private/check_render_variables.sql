-- The variables of a rendering: an object, of a bounded size and depth; all that are asked for, if `strict`.
create or replace function @privschema@.check_render_variables(p_variables jsonb, p_required text[], p_strict boolean)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing text := (select string_agg(r.name, ', ' order by r.n) from unnest(p_required) with ordinality as r (name, n)
    where not p_variables ? r.name);
begin
  if p_variables is null or jsonb_typeof(p_variables) <> 'object' then
    perform @privschema@.raise_option('variables', 'a JSON object', p_variables::text, 'Pass names with values, or {}.');
  elsif octet_length(p_variables::text) > 1000000 then
    perform @privschema@.raise_option('variables', 'at most 1000000 octets as text', octet_length(p_variables::text)::text,
      'Pass less.');
  elsif @privschema@.is_deep(p_variables) then
    perform @privschema@.raise_option('variables', 'nested at most 64 deep', p_variables::text, 'Pass values that are less nested.');
  elsif p_strict and v_missing is not null then
    raise exception 'Missing required variables: %', v_missing
      using errcode = 'invalid_parameter_value', hint = 'Pass them, or strict => false to have nothing in their place.';
  end if;
end
$$;

revoke all on function @privschema@.check_render_variables from public;
comment on function @privschema@.check_render_variables is 'Refuses variables that are no object, too large, or too few.';
