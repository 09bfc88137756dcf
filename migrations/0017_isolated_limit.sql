-- Signatures that have gone: a claim has a limit of its own for isolated requests.
drop function if exists @privschema@.claim_requests(uuid, text[], text[], int[], real);
drop function if exists @privschema@.choose_fairly(uuid, text, text, int[], int, bigint);
drop function if exists @privschema@.rows_that_fit(uuid[], int[], real[], int[], bigint);
drop function if exists @privschema@.lock_runnable(text, text, int[], int[], uuid[], bigint);
