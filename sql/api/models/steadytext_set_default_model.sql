-- Makes a model the default of its kind, in place of another one, whose name this gives. It counts for what is enqueued
-- from the commit on: a request has its model from then, so what waits already stays with the model that it has. The rows
-- of the kind are locked first, in one order: two administrators at once come after each other, and no row goes meanwhile.
create or replace function @extschema@.steadytext_set_default_model(p_name text)
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kind text;
  v_before text;
  v_known text;
begin
  perform from @extschema@.steadytext_models m
  where m.kind = (select n.kind from @extschema@.steadytext_models n where n.name = p_name)
  order by m.name for update;
  select m.kind into v_kind from @extschema@.steadytext_models m where m.name = p_name;
  if not found then
    select string_agg(format('%s (%s)', m.name, m.kind), ', ' order by m.kind, m.name) into v_known
    from @extschema@.steadytext_models m;
    raise exception using errcode = 'ST003',
      message = case when p_name is null then 'Model should be named, but is null'
        else format('Model should be one that is registered, but "%s" is not', left(p_name, 100)) end,
      hint = format('Known models: %s. A worker registers the models it serves.', coalesce(v_known, 'none yet'));
  end if;
  if strpos(p_name, ':') > 0 then
    perform @privschema@.raise_option('Default model', 'one that runs in this fleet', p_name,
      'Its name has a colon: it is a provider''s, to which prompts go only where a call names it with unsafe_mode => true.');
  end if;

  select m.name into v_before from @extschema@.steadytext_models m where m.kind = v_kind and m.is_default;
  update @extschema@.steadytext_models m
  set is_default = (m.name = p_name)
  where m.kind = v_kind and m.is_default <> (m.name = p_name);

  perform @privschema@.log_action(@privschema@.login_name(), 'default_model_set', 'steadytext_set_default_model', null,
    jsonb_build_object('kind', v_kind, 'model', p_name, 'before', v_before));
  return v_before;
end
$$;

revoke all on function @extschema@.steadytext_set_default_model from public;
comment on function @extschema@.steadytext_set_default_model is
  'Makes a model the default of its kind; gives the one that was it before.';
