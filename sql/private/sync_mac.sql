-- Signs what the owner's functions send through the side channel, as HMAC does. So the login of the side channel alone can do
-- nothing: whoever gets at it, by its password or by a connection that stayed open, can enqueue for nobody and read no result.
create or replace function @privschema@.sync_mac(p_purpose text, p_text text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(k.key || sha256(k.key || convert_to(p_purpose || ':' || p_text, 'UTF8'))), 'hex')
  from @privschema@.sync_key k
$$;

revoke all on function @privschema@.sync_mac from public;
comment on function @privschema@.sync_mac is 'Signature (hex) of a text for one purpose of the side channel.';
