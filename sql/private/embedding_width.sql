-- How many numbers of an embedding whoever asks wants: what the session has chosen, else the setting; 0 for the model's own. Users do not
-- read the table of settings.
create or replace function @privschema@.embedding_width()
returns int
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_own text := current_setting('steadytext.embedding_dimensions', true);
begin
  if v_own <> '' then
    return @privschema@.own_value('embedding_dimensions', v_own)::int;
  end if;
  return @privschema@.setting('embedding_dimensions')::int;
end
$$;

revoke all on function @privschema@.embedding_width from public;
comment on function @privschema@.embedding_width is 'Numbers of an embedding as functions give it; 0 for the model''s own.';
