-- Raises when a call has waited for so long as sync_wait_seconds allows.
create or replace function @privschema@.sync_late(p_what text, p_most int, p_begun timestamptz)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if extract(epoch from clock_timestamp() - p_begun) >= p_most then
    raise exception using errcode = 'ST014',
      message = format('%s should come within sync_wait_seconds (%s), but has not', p_what, p_most),
      hint = 'The request was cancelled. See whether a worker lives and the fleet is not paused (check_daemon_health()), ask for less, or have an administrator raise the setting.';
  end if;
end
$$;

revoke all on function @privschema@.sync_late from public;
comment on function @privschema@.sync_late is 'Raises ST014 when a synchronous call has waited too long.';
