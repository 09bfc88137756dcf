-- What the compatibility layer adds; what it replaces has the names, and so the rights, of what was there.
grant select on @extschema@.steadytext_config, @extschema@.steadytext_daemon_health to @roleprefix@steadytext_reader;
grant execute on function @extschema@.steadytext_version, @extschema@.st_version to @roleprefix@steadytext_reader;
