-- Whether a result may be given again: what a model of ours made, which would make it again. Words of the fallback, a provider's
-- answer, and what a model made that promises nothing are asked for anew. No pinned search_path, so that it is inlined; it runs
-- under that of its callers.
create or replace function @privschema@.may_be_cached(p_receipt jsonb)
returns boolean
language sql immutable parallel safe
as $$
  select coalesce(p_receipt ->> 'deterministic', 'true') <> 'false' and not p_receipt ? 'fallback' and not p_receipt ? 'provider'
$$;

revoke all on function @privschema@.may_be_cached from public;
comment on function @privschema@.may_be_cached is 'Whether a receipt is one of a result that comes again.';
