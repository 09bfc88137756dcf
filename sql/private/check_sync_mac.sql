-- Refuses what our own functions did not send through the side channel.
create or replace function @privschema@.check_sync_mac(p_purpose text, p_text text, p_mac text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_text is null or p_mac is distinct from @privschema@.sync_mac(p_purpose, p_text) then
    raise exception 'The side channel should be asked by our own functions only, but this is not signed by them'
      using errcode = 'invalid_authorization_specification', hint = 'Call the functions of users, such as steadytext_generate.';
  end if;
end
$$;

revoke all on function @privschema@.check_sync_mac from public;
comment on function @privschema@.check_sync_mac is 'Raises for what comes through the side channel unsigned.';
