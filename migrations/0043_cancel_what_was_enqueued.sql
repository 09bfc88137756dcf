-- Signatures that have gone: a call that was cancelled while its answer was being read asks the far end what it had enqueued, and what
-- is cancelled through the side channel is cancelled in the name of a role.
drop function if exists @privschema@.sync_abandon(text, text, uuid[]);
drop function if exists @privschema@.sync_cancel(uuid[], text);
drop function if exists @privschema@.sync_failure(text, text, text, text, text, uuid[]);
