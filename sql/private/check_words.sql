-- Prompts that look like SQL against tables: what an example in pg_steadytext's documentation refuses. It is no defence (a prompt runs no SQL, and
-- other words for the same pass), and it refuses honest questions about SQL: so it is off unless it is asked for.
create or replace function @privschema@.check_words(p_prompts text[])
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from unnest(p_prompts) as p (prompt)
             where p.prompt collate "C" ~* E'(DROP|DELETE|TRUNCATE|INSERT|UPDATE)\\s+(TABLE|DATABASE)') then
    perform @privschema@.note_refusal('steadytext_request', 'Potentially malicious prompt detected');
    raise exception 'Potentially malicious prompt detected'
      using hint = 'It has DROP, DELETE, TRUNCATE, INSERT or UPDATE before TABLE or DATABASE: put it in other words.';
  end if;
end
$$;

revoke all on function @privschema@.check_words from public;
comment on function @privschema@.check_words is 'Raises for a prompt that looks like SQL against tables.';
