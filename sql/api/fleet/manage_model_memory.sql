-- For a schedule: closes models in workers whose machines have less than 1000 MB free, opens the default ones in those with more than
-- 4000. It waits for nothing.
create or replace function @extschema@.manage_model_memory()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into @privschema@.calls (call) values ('fit models');
end
$$;

revoke all on function @extschema@.manage_model_memory from public;
comment on function @extschema@.manage_model_memory is
  'Closes models where a worker''s machine has less than 1000 MB free, opens them where it has more than 4000.';
