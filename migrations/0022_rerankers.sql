-- Models that rerank, beside those that embed: a query and a document go through them together.
alter table @extschema@.steadytext_models
  drop constraint models_kind_known,
  add constraint models_kind_known check (kind in ('text', 'embedding', 'reranking'));

-- Signatures that have gone: embeddings have options of their own, and a request type may be run by models of several kinds.
drop function if exists @extschema@.steadytext_embed_async(text, boolean, int, text, boolean, int, timestamptz, text);
drop function if exists @extschema@.steadytext_embed_batch_async(
  text[], boolean, int, text, boolean, int, timestamptz, text);
drop function if exists @privschema@.model_kind_of(text);
