-- Names with a colon meant models of remote providers in the reference. They are refused as there; there are none here.
create or replace function @privschema@.check_remote_model(p_model text, p_unsafe_mode boolean)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if strpos(p_model, ':') > 0 and p_unsafe_mode is not true then
    raise exception 'Remote models (containing '':'' ) require unsafe_mode=TRUE'
      using hint = 'Name a model of steadytext_models: all of them run in your own network.';
  end if;
end
$$;

revoke all on function @privschema@.check_remote_model from public;
comment on function @privschema@.check_remote_model is 'Raises when a remote model is named without unsafe_mode.';
