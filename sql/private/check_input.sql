-- The one input every request has (prompt, text or query): there, not blank, not too long. `p_name` is how the caller
-- knows it.
create or replace function @privschema@.check_input(p_name text, p_input text, p_max_length int)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_input is null then
    raise exception '% cannot be null', p_name using hint = 'Pass some text.';
  elsif btrim(p_input, @privschema@.blank_characters()) = '' then
    raise exception '% cannot be empty', p_name using hint = 'Pass some text that is more than white space.';
  elsif length(p_input) > p_max_length then
    raise exception using errcode = 'ST009',
      message = format('%s should have at most %s characters, but has %s', p_name, p_max_length, length(p_input)),
      hint = 'Shorten it, or have an administrator raise max_input_length in steadytext_settings.';
  end if;
end
$$;

revoke all on function @privschema@.check_input from public;
comment on function @privschema@.check_input is 'Raises when an input is null, blank or too long.';
