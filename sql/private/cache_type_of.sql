-- What entries of a request type are called. No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.cache_type_of(p_request_type text)
returns text
language sql immutable parallel safe
as $$
  select case p_request_type
    when 'generate' then 'generation' when 'embed' then 'embedding' when 'rerank' then 'reranking' when 'summarize' then 'generation'
    -- Texts in an order that embeddings give, as a ranking's.
    when 'extract_facts' then 'reranking' when 'deduplicate_facts' then 'reranking'
  end
$$;

revoke all on function @privschema@.cache_type_of from public;
comment on function @privschema@.cache_type_of is 'Type of cache entries that results of a request type become.';
