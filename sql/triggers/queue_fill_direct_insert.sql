-- Checks and completes direct inserts. Whatever is not the owner's is one, and is filled in whole, whatever it names: the columns
-- that are not granted can be written all the same, by the defaults of a view. Our functions insert as the owner and pay nothing
-- for this but the conditions.
create or replace trigger queue_fill_direct_insert
  before insert on @extschema@.steadytext_queue
  for each row when (new.user_id is null or not pg_has_role('@roleprefix@steadytext_owner', 'usage'))
  execute function @privschema@.fill_direct_insert();
