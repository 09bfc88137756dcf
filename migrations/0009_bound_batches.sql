-- Signatures that have gone. "If exists", since a new database never had them.
drop function if exists @privschema@.setting_number(text);
drop function if exists @privschema@.setting_interval(text);
drop function if exists @privschema@.check_input(text, text, int);
drop function if exists @privschema@.check_inputs(text, text[], int);
drop function if exists @privschema@.enqueue_requests(text, text[], jsonb, text, int, timestamptz, text, boolean);
