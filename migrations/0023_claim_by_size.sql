-- A claim says how large the requests may be that it takes, and how many of the large ones (docs/lifecycle.md). Signatures
-- that have gone with that.
drop function if exists @privschema@.claim_requests(uuid, text[], text[], int[], real, int);
drop function if exists @privschema@.choose_fairly(uuid, text, text, int[], int, bigint, int);
drop function if exists @privschema@.lock_runnable(text, text, int[], int[], uuid[], bigint, int);
drop function if exists @privschema@.rows_that_fit(uuid[], int[], real[], int[], boolean[], bigint);
drop function if exists @privschema@.request_cost(text, real);

-- What has waited since before counts as what is new: of a text that is cut no more than is read.
update @extschema@.steadytext_queue set cost_estimate = 512
where status = 'pending' and request_type = 'embed' and cost_estimate > 512
  and params ->> 'on_long_text' is distinct from 'average';
