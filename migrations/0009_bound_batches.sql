-- One call of a batch function took 10,000 inputs of a megabyte each, and a rerank its documents once for every query:
-- ten gigabytes in one transaction. 64 MiB are 10,000 texts of six thousand characters.
insert into @extschema@.steadytext_settings (name, value, unit, description) values
  ('max_batch_bytes', '67108864', 'count', 'most bytes of input and options of all requests of one batch call');

-- Signatures that have gone. "If exists", since a new database never had them.
drop function if exists @privschema@.setting_number(text);
drop function if exists @privschema@.setting_interval(text);
drop function if exists @privschema@.check_input(text, text, int);
drop function if exists @privschema@.check_inputs(text, text[], int);
drop function if exists @privschema@.enqueue_requests(text, text[], jsonb, text, int, timestamptz, text, boolean);
drop function if exists @privschema@.release_requests(uuid, bigint[], bigint[]);
