-- A login sees the requests it enqueued. A mask goes before whatever the login asks, so that nothing of others' rows is
-- looked at; the comparison says the same to indexes. Which mask is known when a statement is planned: that of the login's number,
-- or that of its name while it has none, so that a plan made before its first request finds that request. The sub-select is
-- evaluated once a query and not once a row.
drop policy if exists queue_own_rows on @extschema@.steadytext_queue;
create policy queue_own_rows on @extschema@.steadytext_queue
  for select to @roleprefix@steadytext_reader
  using (case when @extschema@.planned_user_mask() is null
      then (@extschema@.planned_role_mask())[asked_by] is not null
      else (@extschema@.planned_user_mask())[user_id] end
    and user_id = (select @extschema@.current_user_id()));
