-- Claim and settle write a request's row anew, and each version has its entries beside the first in these two indexes.
-- Pages that an enqueue had filled to nine tenths were full at the claim: PostgreSQL then looks for dead versions to
-- remove, in vain, and splits. With room for all three versions, 20,000 requests claimed by 2000s and settled by 1000s
-- took 11 % less CPU in claims and 6 % less in settles (medians of pairs); an enqueue writes 13 % more WAL, for more
-- new pages, and takes no more CPU that could be told from noise. Pages that exist fill as they did.
alter index @extschema@.queue_pkey set (fillfactor = 30);
alter index @extschema@.queue_request_id_unique set (fillfactor = 30);
