-- Which kinds of models run a request type, the one whose default is taken first; null for a type that nobody runs. The closed
-- list of request types is here. An embedding model reranks by the cosine of its embeddings, until a default reranker is set.
-- No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.model_kinds_of(p_request_type text)
returns text[]
language sql immutable parallel safe
as $$
  select case p_request_type
    when 'generate' then array['text']
    when 'embed' then array['embedding']
    when 'rerank' then array['reranking', 'embedding']
    when 'summarize' then array['text']
    when 'extract_facts' then array['embedding']
    when 'deduplicate_facts' then array['embedding']
  end
$$;

revoke all on function @privschema@.model_kinds_of from public;
comment on function @privschema@.model_kinds_of is
  'Kinds of models that run a request type, the preferred one first, or null for an unknown type.';
