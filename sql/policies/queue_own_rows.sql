-- A login sees the requests it enqueued. The mask goes before whatever the login asks, so that nothing of others' rows is
-- looked at; the comparison says the same to indexes. Sub-selects are evaluated once a query and not once a row.
drop policy if exists queue_own_rows on @extschema@.steadytext_queue;
create policy queue_own_rows on @extschema@.steadytext_queue
  for select to @roleprefix@steadytext_reader
  using ((select @extschema@.current_user_mask())[user_id] and user_id = (select @extschema@.current_user_id()));
