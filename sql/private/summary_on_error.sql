-- What an aggregate that summarises does with an error: its metadata say so, since an aggregate has no other argument for it.
create or replace function @privschema@.summary_on_error(p_state jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_on_error text := coalesce(p_state #>> '{metadata,on_error}', 'raise');
begin
  perform @privschema@.check_on_error(v_on_error, false);
  return v_on_error;
end
$$;

revoke all on function @privschema@.summary_on_error from public;
comment on function @privschema@.summary_on_error is 'on_error of a summarising aggregate.';
