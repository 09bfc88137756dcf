-- The texts that a generation chooses from.
create or replace function @privschema@.check_choices(p_choices jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(p_choices) <> 'array' then
    perform @privschema@.raise_option('choices', 'an array of texts', p_choices::text, 'Correct its type in params.');
  elsif jsonb_array_length(p_choices) < 2 then
    raise exception 'Must provide at least 2 choices' using hint = 'Pass an array of the texts to choose from.';
  elsif jsonb_array_length(p_choices) > 10000 then
    perform @privschema@.raise_option('choices', 'at most 10000 texts', jsonb_array_length(p_choices)::text,
      'Choose in two steps.');
  elsif jsonb_path_exists(p_choices, 'strict $[*] ? (@.type() <> "string")') then
    perform @privschema@.raise_option('choices', 'an array of one dimension, of texts only', p_choices::text,
      'Leave nulls out: array_remove(choices, null).');
  elsif exists (select from jsonb_array_elements_text(p_choices) as c (choice)
                where btrim(c.choice, @privschema@.blank_characters()) = '') then
    raise exception 'Choices cannot contain empty elements' using hint = 'Leave out those without any text but white space.';
  elsif (select count(distinct c.choice) < count(*) from jsonb_array_elements(p_choices) as c (choice)) then
    raise exception 'Choices array cannot contain duplicates' using hint = 'Name each choice once.';
  end if;
end
$$;

revoke all on function @privschema@.check_choices from public;
comment on function @privschema@.check_choices is 'Raises when the choices of a generation are too few, empty or not texts.';
