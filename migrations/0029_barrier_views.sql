-- Rows of users are read through views that pass nothing on of what a login asks, since over the bare tables the planner may ask it
-- before it asks the policy. Readers lose the tables; an administrator may grant them again. What is dropped
-- here is made again by its file of sql/, but for what is needed no more.
drop policy if exists queue_own_rows on @extschema@.steadytext_queue;
drop policy if exists users_own_row on @extschema@.steadytext_users;
drop policy if exists request_log_own_rows on @extschema@.steadytext_request_log;
drop function if exists @extschema@.planned_user_mask();
drop function if exists @extschema@.planned_role_mask();
drop function if exists @privschema@.is_uncommitted_user(int);
drop function if exists @privschema@.check_succeeded(@extschema@.steadytext_queue);
drop function if exists @privschema@.wait_for_request(uuid, int);
revoke select on @extschema@.steadytext_queue, @extschema@.steadytext_users, @extschema@.steadytext_request_log
from @roleprefix@steadytext_reader;
