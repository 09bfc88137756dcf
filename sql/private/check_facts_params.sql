-- The options of extract_facts and deduplicate_facts, each of which has one of its own.
create or replace function @privschema@.check_facts_params(p_params jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.check_integer_param(p_params, 'max_facts', 1, 50, 'max_facts must be between 1 and 50');
  -- jsonb has no numbers for these, so a double precision comes as a text.
  if p_params ->> 'similarity_threshold' not in ('NaN', 'Infinity', '-Infinity') then
    perform @privschema@.check_param_type(p_params, 'similarity_threshold', 'number');
  end if;
  if (p_params ->> 'similarity_threshold')::numeric not between 0 and 1 then
    raise exception 'similarity_threshold must be between 0.0 and 1.0'
      using hint = format('%s came; facts with a higher cosine say the same: 0.85 is usual.',
        left(p_params ->> 'similarity_threshold', 20));
  end if;
end
$$;

revoke all on function @privschema@.check_facts_params from public;
comment on function @privschema@.check_facts_params is 'Raises when an option of facts is out of range.';
