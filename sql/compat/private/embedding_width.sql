-- As in sql/private, but 1024 where nobody has chosen: columns were made for that.
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
  return coalesce(nullif(@privschema@.setting('embedding_dimensions')::int, 0), 1024);
end
$$;

revoke all on function @privschema@.embedding_width from public;
comment on function @privschema@.embedding_width is 'Numbers of an embedding as functions give it; 1024 where nobody chose.';
