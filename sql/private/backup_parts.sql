-- The tables that a backup holds, in the order in which they are restored: users first, by which all others know whose their rows
-- are, prompts before their versions, and requests before where their results go. What is not named here docs/backup.md lists, with the reason; a test holds that nothing is
-- forgotten.
create or replace function @privschema@.backup_parts()
returns text[]
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select array['steadytext_users', 'steadytext_settings', 'steadytext_models', 'steadytext_prompts', 'steadytext_prompt_versions',
               'steadytext_queue', 'write_backs', 'steadytext_cache_entries', 'cache_counts']
$$;

revoke all on function @privschema@.backup_parts from public;
comment on function @privschema@.backup_parts is 'Tables that a backup holds, in the order of a restore.';
