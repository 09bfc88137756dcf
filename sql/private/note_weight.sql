-- The audit row of a weight that an administrator has set: who, whose, from what to what. Of a new user's row it is from
-- null.
create or replace function @privschema@.note_weight()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.log_action(@privschema@.login_name(), 'weight_changed', 'steadytext_users', null,
    jsonb_build_object('user', new.user_id, 'role', new.role_name,
      'before', case tg_op when 'UPDATE' then old.weight end, 'after', new.weight));
  return null;
end
$$;

revoke all on function @privschema@.note_weight from public;
comment on function @privschema@.note_weight is 'Trigger: writes down who set a user''s weight.';
