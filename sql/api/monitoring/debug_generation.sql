-- What a generation goes through, step by step, with the time of each. What goes wrong is told in the step's details (error), in place
-- of an exception, which would take the steps before it away. Where no worker serves the model nothing is generated, since a
-- synchronous call would wait for minutes.
create or replace function @extschema@.debug_generation(prompt text, max_tokens int default 512)
returns table (step text, duration_ms double precision, details jsonb)
language plpgsql volatile parallel unsafe cost 100000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  v_began timestamptz := clock_timestamp();
  v_step timestamptz;
  v_key text;
  v_cached text;
  v_loaded boolean;
  v_workers int;
  v_hint text;
begin
  foreach step in array array['Input validation', 'Cache check', 'Model check', 'Generation'] loop
    continue when step = 'Generation' and v_cached is not null;
    v_step := clock_timestamp();
    begin
      case step
        when 'Input validation' then
          details := jsonb_build_object('prompt_length', length(prompt), 'max_tokens', max_tokens);
          perform @extschema@.validate_generation_input(prompt, max_tokens);
        when 'Cache check' then
          v_key := @extschema@.steadytext_cache_key('generation', prompt, max_tokens);
          v_cached := @extschema@.steadytext_cache_get(v_key);
          details := jsonb_build_object('cache_hit', v_cached is not null, 'cache_key', v_key);
        when 'Model check' then
          select s.model_loaded, s.workers_total into v_loaded, v_workers
          from @extschema@.steadytext_models m join @extschema@.steadytext_model_status() s on s.model = m.name
          where m.is_default and m.kind = 'text';
          details := jsonb_build_object('model_loaded', coalesce(v_loaded, false), 'workers', coalesce(v_workers, 0));
        else
          details := '{}';
          if coalesce(v_workers, 0) = 0 then
            raise exception 'No worker serves the default text model' using hint = 'Start one: steadytext worker.';
          end if;
          details := jsonb_build_object('result_length', length(@extschema@.steadytext_generate(prompt, max_tokens)));
      end case;
    exception when others then
      get stacked diagnostics v_hint = pg_exception_hint;
      details := details || jsonb_build_object('error', jsonb_build_object('sqlstate', sqlstate, 'message', sqlerrm, 'hint', v_hint));
    end;
    duration_ms := extract(epoch from clock_timestamp() - v_step) * 1000;
    return next;
    exit when details ? 'error';
  end loop;
  step := 'Total';
  duration_ms := extract(epoch from clock_timestamp() - v_began) * 1000;
  details := jsonb_build_object('success', not details ? 'error');
  return next;
end
$$;

revoke all on function @extschema@.debug_generation from public;
comment on function @extschema@.debug_generation is 'Generates a text and tells what each step took, not the text.';
