-- After an insert of any size: one call of the gate. Runs as the owner, since a direct insert comes from a login
-- without rights to the private schema.
create or replace function @privschema@.announce_enqueued()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.notify_queue();
  return null;
end
$$;

revoke all on function @privschema@.announce_enqueued from public;
comment on function @privschema@.announce_enqueued is 'Trigger: wakes workers after an insert.';
