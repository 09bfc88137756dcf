-- The error of a call that names a model by its files, which only the reference's functions take; null where none is named.
create or replace function @privschema@.refused_files(p_model_repo text, p_model_filename text, p_size text)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when coalesce(p_model_repo, p_model_filename, p_size) is not null then
    @privschema@.error_answer('ST004',
      format('%s should be left out, since a model is named by model here, but is given',
        case when p_model_repo is not null then 'model_repo' when p_model_filename is not null then 'model_filename' else 'size' end),
      'See which there are: select name from steadytext_models. Others are added to the workers (steadytext models add).') end
$$;

revoke all on function @privschema@.refused_files from public;
comment on function @privschema@.refused_files is 'Error of a call that names a model''s files, or null.';
