-- Who asks is now whoever's statement it is (current_user), not the session's login: what a foreign key cascades into, and
-- what a SECURITY DEFINER function does, runs under the owner of that table or function, who may be anybody.
-- The role that made a request, written down by a trigger that runs as whoever inserts.
alter table @extschema@.steadytext_queue add column asked_by text;

drop function if exists @privschema@.enqueue_generate(text[], int, boolean, int, int, text, text, real, timestamptz, text,
  boolean, boolean);
drop function if exists @privschema@.enqueue_embed(text[], boolean, int, text, boolean, int, timestamptz, text, boolean);
drop function if exists @privschema@.enqueue_rerank(text[], text[], text, boolean, int, int, text, timestamptz, text, boolean);
drop function if exists @privschema@.enqueue_requests(text, text[], jsonb, text, boolean, int, timestamptz, text, boolean);
drop function if exists @privschema@.insert_requests(text, text[], jsonb, text, int, timestamptz, text, boolean);
drop function if exists @privschema@.may_see(int);
drop function if exists @privschema@.is_admin();
drop function if exists @privschema@.ensure_user_id();
drop function if exists @privschema@.log_retried(uuid);
drop function if exists @privschema@.request_login();
drop function if exists @privschema@.user_id_of(text);
