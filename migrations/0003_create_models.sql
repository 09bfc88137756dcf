-- The models that requests may name. A request's model is settled when it is enqueued, so that a claim can ask for
-- exactly what an engine holds; workers keep digest and limits up to date with what they really serve.
create table @extschema@.steadytext_models (
  name text not null,
  kind text not null,
  is_default boolean not null default false,
  digest text,
  max_tokens int,
  dimension int,
  registered_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint models_pkey primary key (name),
  constraint models_kind_known check (kind in ('text', 'embedding')),
  constraint models_max_tokens_positive check (max_tokens > 0),
  constraint models_dimension_positive check (dimension > 0),
  constraint models_dimension_of_embeddings check (kind = 'embedding' or dimension is null)
);
create unique index models_default_unique on @extschema@.steadytext_models (kind) where is_default;

-- Known before the first worker starts, so that the first enqueue need not wait for it.
insert into @extschema@.steadytext_models (name, kind, is_default, dimension) values
  ('smollm2-135m-instruct', 'text', true, null),
  ('all-minilm-l6-v2', 'embedding', true, 384);

comment on table @extschema@.steadytext_models is
  'Models that requests may name; where none is named, the default of its kind.';
