-- The options of a summary. What is told of the text stands before each of its parts, so it is short.
create or replace function @privschema@.check_summarize_params(p_params jsonb, p_max_tokens int)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform @privschema@.check_integer_param(p_params, 'max_tokens', 1, p_max_tokens,
    format('max_tokens must be between 1 and %s', p_max_tokens));
  perform @privschema@.check_param_type(p_params, 'metadata', 'object');
  if length(p_params ->> 'metadata') > 1000 then
    perform @privschema@.raise_option('metadata', 'at most 1000 characters of JSON',
      format('of %s', length(p_params ->> 'metadata')), 'It is told with every part of the text: leave out what does not matter.');
  end if;
end
$$;

revoke all on function @privschema@.check_summarize_params from public;
comment on function @privschema@.check_summarize_params is 'Raises when an option of a summary is out of range.';
