-- A direct insert may say seven columns. They are checked and completed here by the same rules as the functions have; the
-- others are as our functions would have them, whatever came. A request_id that is taken is left to the unique constraint:
-- refused here, before PostgreSQL looks for a conflict, `on conflict do nothing` would be an error too.
create or replace function @privschema@.fill_direct_insert()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_facts record;
begin
  new := @privschema@.only_granted(new);
  if @privschema@.model_kinds_of(new.request_type) is null then
    raise exception using errcode = 'ST006',
      message = format('request_type should be one that there is, but is %s',
                       coalesce(left(new.request_type, 100), 'null')),
      hint = 'There are generate, embed, rerank, summarize, extract_facts and deduplicate_facts; steadytext_<type>_async is the function for each.';
  end if;
  v_facts := @privschema@.enqueue_facts(new.asked_by, new.request_type, new.params ->> 'model');
  perform @privschema@.check_inputs(new.request_type, array[new.prompt], v_facts.max_input_length);
  new.priority := coalesce(new.priority, 5);
  perform @privschema@.check_schedule(new.priority, null, null);
  if length(new.session_id) > 200 then
    perform @privschema@.raise_option('session_id', 'at most 200 characters', new.session_id, 'Shorten it.');
  end if;
  if v_facts.validates then
    perform @privschema@.check_words(array[new.prompt]);
  end if;
  new.params := @privschema@.checked_params(new.request_type, new.params, v_facts.max_tokens, v_facts.default_max_tokens,
    v_facts.default_seed, v_facts.default_dimension);
  -- There is no column in which an insert could say unsafe_mode.
  perform @privschema@.check_remote_model(new.params ->> 'model', false);
  if v_facts.model is null then
    perform @privschema@.refuse_model(new.request_type, new.params ->> 'model');
  end if;
  new.model := v_facts.model;
  new.params := new.params - 'model';
  new.input_bytes := octet_length(new.prompt)
    + @privschema@.check_request_bytes(array[new.prompt], new.params, v_facts.max_request_bytes);
  new.cost_estimate := @privschema@.request_cost(
    new.prompt, @privschema@.times_read(new.request_type), @privschema@.most_read(new.request_type, new.params),
    @privschema@.params_cost(new.params));
  new.request_id := coalesce(new.request_id, @privschema@.new_request_id());
  new.created_at := @privschema@.checked_created_at(new.created_at);
  new.user_id := coalesce(v_facts.user_id, @privschema@.ensure_user_id(new.asked_by));
  return new;
end
$$;

revoke all on function @privschema@.fill_direct_insert from public;
comment on function @privschema@.fill_direct_insert is
  'Trigger: checks and completes a row inserted without the functions.';
