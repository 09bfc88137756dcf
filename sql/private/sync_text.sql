-- The text of a synchronous call of one request; of an error its JSON, where that is wanted.
create or replace function @privschema@.sync_text(p_answers jsonb, p_on_error text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outcome jsonb := @privschema@.sync_outcome(p_answers -> 0, p_on_error);
begin
  return case when v_outcome ? 'error' then v_outcome::text else v_outcome ->> 'result' end;
end
$$;

revoke all on function @privschema@.sync_text from public;
comment on function @privschema@.sync_text is 'Text of a synchronous call, or of its error.';
