-- The turn to evict or to add up, until the transaction ends. False where another transaction has it.
create or replace function @privschema@.take_eviction_turn()
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from @privschema@.eviction_turn t where t.only_row for update skip locked;
  return found;
end
$$;

revoke all on function @privschema@.take_eviction_turn from public;
comment on function @privschema@.take_eviction_turn is 'Whether this transaction may evict now.';
