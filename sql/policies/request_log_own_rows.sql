-- A login sees what was logged of its own requests. The mask comes first, as for requests.
drop policy if exists request_log_own_rows on @extschema@.steadytext_request_log;
create policy request_log_own_rows on @extschema@.steadytext_request_log
  for select to @roleprefix@steadytext_reader
  using ((select @extschema@.current_user_mask())[user_id] and user_id = (select @extschema@.current_user_id()));
