-- The part of a request's cost that its options tell, the same for all of a batch: tokens to generate, documents to
-- read.
create or replace function @privschema@.params_cost(p_params jsonb)
returns real
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_cost real := coalesce((p_params ->> 'max_tokens')::real, 0);
begin
  if p_params ? 'documents' then
    v_cost := v_cost + coalesce((select ceil(sum(@privschema@.text_tokens(d.document)))
      from jsonb_array_elements_text(p_params -> 'documents') as d (document)), 0)::real;
  end if;
  return v_cost;
end
$$;

revoke all on function @privschema@.params_cost from public;
comment on function @privschema@.params_cost is 'Estimated tokens that a request''s options add to its input.';
