-- Signatures that have gone: rows that have just been written are named by their place.
drop function if exists @privschema@.log_finished(bigint[]);
drop function if exists @privschema@.write_outcomes(
  uuid, bigint[], bigint[], bigint[], text[], text[], text[], text[], boolean[], int[], int[], int[], text[], text[]);
