-- check_input for all inputs of a batch. An element that fails is checked again alone, for the words of its error.
create or replace function @privschema@.check_inputs(p_name text, p_inputs text[], p_max_length int)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blanks text := @privschema@.blank_characters();
  v_wrong record;
begin
  select i.input into v_wrong
  from unnest(p_inputs) with ordinality as i (input, position)
  where i.input is null or btrim(i.input, v_blanks) = '' or length(i.input) > p_max_length
  order by i.position
  limit 1;
  if found then
    perform @privschema@.check_input(p_name, v_wrong.input, p_max_length);
  end if;
end
$$;

revoke all on function @privschema@.check_inputs from public;
comment on function @privschema@.check_inputs is
  'Raises for the first input of a batch that is null, blank or too long.';
