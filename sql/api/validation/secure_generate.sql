-- A generation whose prompt is validated whatever enable_input_validation says.
create or replace function @extschema@.secure_generate(prompt text, max_tokens int default 512)
returns text
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @extschema@.validate_generation_input(prompt, max_tokens);
  return @extschema@.steadytext_generate(prompt, max_tokens);
end
$$;

revoke all on function @extschema@.secure_generate from public;
comment on function @extschema@.secure_generate is 'Validates a prompt and its max_tokens, then generates and waits for the text.';
