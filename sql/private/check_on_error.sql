-- What a synchronous function is to do with an error.
create or replace function @privschema@.check_on_error(p_on_error text, p_gives_text boolean)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_on_error in ('raise', 'null') or (p_on_error = 'json' and p_gives_text) then
    return;
  end if;
  perform @privschema@.raise_option('on_error',
    case when p_gives_text then '''raise'', ''null'' or ''json''' else '''raise'' or ''null''' end, quote_nullable(p_on_error),
    'Leave it out to have errors raised; null gives null (no row), json the error as a JSON text, where a function gives a text.');
end
$$;

revoke all on function @privschema@.check_on_error from public;
comment on function @privschema@.check_on_error is 'Raises for another on_error than there is.';
