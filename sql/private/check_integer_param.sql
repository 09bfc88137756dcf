-- A whole number within its range. Outside of it the error has the given words, which callers of the reference know.
create or replace function @privschema@.check_integer_param(
  p_params jsonb, p_name text, p_least bigint, p_most bigint, p_message text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value numeric;
begin
  perform @privschema@.check_param_type(p_params, p_name, 'number');
  v_value := (p_params ->> p_name)::numeric;
  if v_value <> trunc(v_value) then
    perform @privschema@.raise_option(p_name, 'a whole number', v_value::text, 'Round it.');
  elsif v_value not between p_least and p_most then
    raise exception '%', p_message
      using hint = format('%s came; choose a number from %s to %s.', left(v_value::text, 20) || repeat('…', (length(v_value::text) > 20)::int), p_least, p_most);
  end if;
end
$$;

revoke all on function @privschema@.check_integer_param from public;
comment on function @privschema@.check_integer_param is
  'Raises when a numeric option is not a whole number within its range.';
