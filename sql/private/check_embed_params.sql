-- The options of an embedding. Which dimensions a model has is known where it runs.
create or replace function @privschema@.check_embed_params(p_params jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_params ->> 'on_long_text' not in ('truncate', 'refuse', 'average') then
    perform @privschema@.raise_option('on_long_text', 'truncate, refuse or average', p_params ->> 'on_long_text',
      'truncate leaves the end out, refuse fails the request, average takes the mean of the text''s parts.');
  end if;
  perform @privschema@.check_param_type(p_params, 'dimension', 'number');
  if (p_params ->> 'dimension')::numeric not between 1 and 65536
    or (p_params ->> 'dimension')::numeric <> trunc((p_params ->> 'dimension')::numeric) then
    perform @privschema@.raise_option('dimension', 'a whole number from 1 to 65536', p_params ->> 'dimension',
      'Leave it out for the whole embedding; a model that can be cut says to which dimensions.');
  end if;
end
$$;

revoke all on function @privschema@.check_embed_params from public;
comment on function @privschema@.check_embed_params is 'Raises ST004 when an option of an embedding is out of range.';
