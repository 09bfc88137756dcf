-- The role that is really asking. In ANALYZE (also autovacuum's), VACUUM, REINDEX, CLUSTER and REFRESH MATERIALIZED VIEW
-- PostgreSQL runs functions of indexes and views as the table's owner, who may have written them, while the session is a
-- superuser's: there nobody asks, and this raises. Nothing tells such a command from within, but what PostgreSQL refuses in
-- it: UNLISTEN is the cheapest of that (0.3–1 µs), and does nothing on a channel that nobody hears. It is refused in
-- parallel mode too, so whatever calls this is parallel unsafe.
create or replace function @privschema@.request_login()
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  unlisten steadytext_nobody;
  return @privschema@.login_name();
end
$$;

revoke all on function @privschema@.request_login from public;
comment on function @privschema@.request_login is 'Name of the asking role: the target of SET ROLE, else the login.';
