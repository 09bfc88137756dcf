-- Writes down whose statement inserts a row. Not SECURITY DEFINER: in a trigger function of ours that runs as whoever inserts,
-- current_user is that role, through views and functions of others too, and nobody can say another one. A default that is
-- not granted would not do: a view of anybody's over the table may have a default of its own for the column, and PostgreSQL
-- asks for no right to write that.
create or replace function @privschema@.ask_as_caller()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.asked_by := current_user;
  return new;
end
$$;

revoke all on function @privschema@.ask_as_caller from public;
comment on function @privschema@.ask_as_caller is 'Trigger: writes down whose statement inserts a row.';
