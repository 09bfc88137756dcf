-- A login sees the requests it enqueued. The sub-select is evaluated once a query and not once a row.
drop policy if exists queue_own_rows on @extschema@.steadytext_queue;
create policy queue_own_rows on @extschema@.steadytext_queue
  for select to @roleprefix@steadytext_reader
  using (user_id = (select @extschema@.current_user_id()));
