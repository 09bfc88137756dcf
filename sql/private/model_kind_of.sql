-- Which kind of model runs a request type; null for a type that nobody runs. The closed list of request types is here.
-- A reranker scores by the cosine of embeddings until a cross-encoder is configured.
create or replace function @privschema@.model_kind_of(p_request_type text)
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case p_request_type
    when 'generate' then 'text'
    when 'embed' then 'embedding'
    when 'rerank' then 'embedding'
  end
$$;

revoke all on function @privschema@.model_kind_of from public;
comment on function @privschema@.model_kind_of is
  'Kind of model that runs a request type, or null for an unknown type.';
