-- The prompt of a name, held until the transaction ends, for a role that may change it: who made it, and administrators. Changes
-- of one prompt come after one another by this. Null where there is none.
create or replace function @privschema@.own_prompt(p_role_name text, p_slug text)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_prompt @extschema@.steadytext_prompts;
begin
  select p.* into v_prompt from @extschema@.steadytext_prompts p where p.slug = p_slug for update;
  if found and not @privschema@.may_see(p_role_name, v_prompt.user_id) then
    raise exception 'The prompt "%" should be yours to be changed, but was made by %', p_slug, v_prompt.created_by
      using errcode = 'insufficient_privilege', hint = 'Ask its maker or an administrator, or make a prompt under another slug.';
  end if;
  return v_prompt.id;
end
$$;

revoke all on function @privschema@.own_prompt from public;
comment on function @privschema@.own_prompt is 'The prompt of a name, locked, for a role that may change it.';
