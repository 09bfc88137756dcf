-- A batch has some inputs and not too many. `p_message` is what the reference says of none.
create or replace function @privschema@.check_batch(p_inputs text[], p_message text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_most int := @privschema@.setting('max_batch_size')::int;
begin
  if coalesce(cardinality(p_inputs), 0) = 0 then
    raise exception '%', p_message using hint = 'Pass an array with at least one text.';
  elsif cardinality(p_inputs) > v_most then
    perform @privschema@.note_refusal('steadytext_batch', 'Batch size exceeds maximum limit');
    raise exception 'Batch size exceeds maximum limit'
      using hint = format('%s inputs came, %s may; split the batch, or have an administrator raise max_batch_size.',
                          cardinality(p_inputs), v_most);
  end if;
end
$$;

revoke all on function @privschema@.check_batch from public;
comment on function @privschema@.check_batch is 'Raises when a batch has no inputs or too many.';
