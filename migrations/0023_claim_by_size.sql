-- A claim says how large the requests may be that it takes, and how many of the large ones (docs/lifecycle.md). Signatures
-- that have gone with that.
drop function if exists @privschema@.claim_requests(uuid, text[], text[], int[], real, int);
drop function if exists @privschema@.choose_fairly(uuid, text, text, int[], int, bigint, int);
drop function if exists @privschema@.lock_runnable(text, text, int[], int[], uuid[], bigint, int);
drop function if exists @privschema@.rows_that_fit(uuid[], int[], real[], int[], boolean[], bigint);
drop function if exists @privschema@.request_cost(text, real);
