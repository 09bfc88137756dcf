-- Has workers open or close models, for an administrator. Their answers where the side channel is set up; else it is asked for
-- with the caller's transaction, and told so. No worker that lives is an answer too.
create or replace function @privschema@.order_models(p_role_name text, p_what text, p_model text, p_seconds int)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known text;
  v_reason text;
begin
  perform @privschema@.check_admin(p_role_name, format('steadytext_%s_models', p_what));
  if p_seconds between 0 and 3600 is not true then
    perform @privschema@.raise_option('timeout_seconds', 'a number of seconds from 0 to 3600', p_seconds::text, 'With 0 nothing is waited for.');
  end if;
  if p_model is not null and not exists (select from @extschema@.steadytext_models m where m.name = p_model) then
    select string_agg(m.name, ', ' order by m.name) into v_known from @extschema@.steadytext_models m;
    raise exception using errcode = 'ST003',
      message = format('Model should be one that is registered, but "%s" is not', left(p_model, 100)),
      hint = format('Known models: %s. A worker registers the models it serves.', coalesce(v_known, 'none yet'));
  end if;
  if not exists (select from @privschema@.live_workers()) then
    return jsonb_build_array(jsonb_build_object('state', 'none', 'detail', 'no worker lives: nothing was asked'));
  end if;
  if p_seconds > 0 then
    begin
      return @privschema@.order_and_wait(p_role_name, p_what, p_model, p_seconds);
    exception when others then
      v_reason := sqlerrm;
    end;
  end if;
  perform @privschema@.place_order(p_role_name, p_what, p_model, p_seconds);
  return (
    select jsonb_agg(jsonb_build_object('worker', w.name, 'state', 'asked',
      'detail', 'does it when this transaction commits' || coalesce('; not waited for: ' || v_reason, '')) order by w.name)
    from @privschema@.live_workers() w);
end
$$;

revoke all on function @privschema@.order_models from public;
comment on function @privschema@.order_models is 'Has workers open or close models; gives what came of it.';
