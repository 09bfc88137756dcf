-- Why the side channel could not be opened, in one sentence: ST013, or ST012 where a part of it is missing.
create or replace function @privschema@.refuse_connection(p_sqlstate text, p_message text, p_detail text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role text := '@roleprefix@steadytext_sync';
  v_reason text := regexp_replace(coalesce(nullif(p_detail, ''), p_message), E'^.*failed: *|^could not connect[^\n]*\n', '');
  v_line text := format('host %s %s 127.0.0.1/32 scram-sha-256', quote_ident(current_database()), v_role);
begin
  if p_sqlstate = '2F003' then
    raise exception using errcode = 'ST013',
      message = 'The server should ask the login ' || v_role || ' for its password, but lets it in without',
      hint = 'A line of pg_hba.conf says trust (or peer, ident, cert). Write this one above it, with the address of setup '
        'sync where you gave one, and reload: ' || v_line;
  elsif p_sqlstate in ('42704', '42883', '42501') then
    raise exception using errcode = 'ST012',
      message = 'The side channel of synchronous functions should be whole, but: ' || p_message,
      hint = 'An administrator runs again: steadytext setup sync';
  elsif v_reason ~ 'session is read-only|server is in hot standby' then
    raise exception using errcode = 'ST013',
      message = 'The side channel of synchronous functions should find the server that writes, but none at its hosts is one',
      hint = 'While no standby has been promoted it has to wait. Else an administrator runs on the primary, with all servers: '
        'steadytext setup sync --host';
  elsif v_reason ~ 'too many (clients|connections)|connection slots' then
    raise exception using errcode = 'ST013',
      message = 'A synchronous call needs one more connection to this server, but it has none left',
      hint = 'Call from fewer sessions at once, end those that are idle, or raise max_connections.';
  end if;
  raise exception using errcode = 'ST013',
    message = 'The side channel of synchronous functions should connect to this server, but: ' || split_part(v_reason, E'\n', 1),
    hint = 'An administrator runs again: steadytext setup sync. pg_hba.conf should have a line like: ' || v_line;
end
$$;

revoke all on function @privschema@.refuse_connection from public;
comment on function @privschema@.refuse_connection is 'Raises why the side channel could not be opened.';
