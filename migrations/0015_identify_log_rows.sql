-- What a publication of all tables publishes can be deleted only where its old rows can be told: the logs have no key. The
-- weeks' own partitions leave whole, so only the default ones, which rows are deleted from, need this.
alter table @privschema@.steadytext_request_log_default replica identity full;
alter table @privschema@.steadytext_audit_log_default replica identity full;
