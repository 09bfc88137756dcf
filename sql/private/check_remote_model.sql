-- Names with a colon are models of providers, to which a worker sends the prompt: only for a caller who says that this is meant.
create or replace function @privschema@.check_remote_model(p_model text, p_unsafe_mode boolean)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if strpos(p_model, ':') > 0 and p_unsafe_mode is not true then
    perform @privschema@.note_refusal('steadytext_request', 'Remote models (containing '':'' ) require unsafe_mode=TRUE');
    raise exception 'Remote models (containing '':'' ) require unsafe_mode=TRUE'
      using hint = 'Call a function with unsafe_mode => true, which has the prompt sent to that provider, or name a model without a colon.';
  end if;
end
$$;

revoke all on function @privschema@.check_remote_model from public;
comment on function @privschema@.check_remote_model is 'Raises when a remote model is named without unsafe_mode.';
