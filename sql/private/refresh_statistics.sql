-- Statistics of the tables whose content turns over within minutes: autovacuum analyzes by count, at its own pace. Of requests
-- and users that is how many there are, and nothing of their values, which others could learn from estimates.
create or replace function @privschema@.refresh_statistics()
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  analyze @extschema@.steadytext_queue;
  analyze @extschema@.steadytext_users;
  analyze @extschema@.steadytext_models;
  analyze @privschema@.virtual_times;
end
$$;

revoke all on function @privschema@.refresh_statistics from public;
comment on function @privschema@.refresh_statistics is 'Analyzes the queue and what is joined to it.';
