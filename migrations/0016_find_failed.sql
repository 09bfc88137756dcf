-- Dead letters, of one user or of all, without reading everything that is kept: of 300,000 finished requests (586 MB, with
-- their vectors) the view took 90 to 320 ms, and takes 0.2 to 0.6. Only failed requests are in it, so that the others pay
-- nothing for it: 10,000 that completed were settled in 320 to 490 ms with it, and in 340 to 530 without. Built under a
-- lock, in 0.2 s for those 300,000.
create index queue_failed on @extschema@.steadytext_queue (user_id, completed_at) where status = 'failed';
