-- Prompts that the writers of a database share: a template under a name, and every version that it has had. A version is never
-- changed, so what a prompt came to can be told later; the newest one is the one that counts where none is named.
create table @extschema@.steadytext_prompts (
  id uuid not null default gen_random_uuid(),
  slug text not null,
  description text,
  -- Whose it is: who made it, by number, so that a renamed role keeps its prompts and a new role of an old name gets none.
  user_id int not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  constraint prompts_pkey primary key (id),
  constraint prompts_slug_unique unique (slug),
  constraint prompts_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) between 3 and 100),
  constraint prompts_description_length check (length(description) <= 500)
);

create table @extschema@.steadytext_prompt_versions (
  id uuid not null default gen_random_uuid(),
  -- No foreign key: what writes a version, or deletes a prompt with all of them, holds the prompt's row.
  prompt_id uuid not null,
  version int not null,
  template text not null,
  -- What the template was compiled to when it was written: instructions that render_program goes through.
  program jsonb not null,
  required_variables text[] not null,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  is_active boolean not null default false,
  constraint prompt_versions_pkey primary key (id),
  constraint prompt_versions_version_unique unique (prompt_id, version),
  constraint prompt_versions_version_positive check (version > 0),
  constraint prompt_versions_template_present check (length(template) > 0),
  constraint prompt_versions_program_is_list check (jsonb_typeof(program) = 'array'),
  constraint prompt_versions_metadata_is_object check (jsonb_typeof(metadata) = 'object')
);
-- One version counts, and no second one ever.
create unique index prompt_versions_active on @extschema@.steadytext_prompt_versions (prompt_id) where is_active;

alter table @extschema@.steadytext_prompts enable row level security;
alter table @extschema@.steadytext_prompt_versions enable row level security;
-- As for all tables with row-level security: an administrator may narrow who sees which prompts by policies.
alter table @extschema@.steadytext_prompts
  alter column id set statistics 0, alter column slug set statistics 0, alter column description set statistics 0,
  alter column user_id set statistics 0, alter column created_at set statistics 0, alter column created_by set statistics 0,
  alter column updated_at set statistics 0, alter column updated_by set statistics 0;
alter table @extschema@.steadytext_prompt_versions
  alter column id set statistics 0, alter column prompt_id set statistics 0, alter column version set statistics 0,
  alter column template set statistics 0, alter column program set statistics 0,
  alter column required_variables set statistics 0, alter column metadata set statistics 0,
  alter column created_at set statistics 0, alter column created_by set statistics 0, alter column is_active set statistics 0;

comment on table @extschema@.steadytext_prompts is 'Prompts by name, shared by all readers; changed by who made them.';
comment on table @extschema@.steadytext_prompt_versions is 'Every version of every prompt, with its template.';
