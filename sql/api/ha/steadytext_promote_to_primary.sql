-- On a standby: promotes it, which takes the right to execute pg_promote. This transaction began before and can write nothing even then, so
-- what is to be written and told afterwards another call does, as it does where somebody else has promoted the server.
create or replace function @extschema@.steadytext_promote_to_primary()
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_is_in_recovery() then
    if not has_function_privilege('pg_catalog.pg_promote(boolean, integer)', 'execute') then
      raise exception using errcode = 'insufficient_privilege',
        message = format('"%s" should be one that may promote this standby, but is not', current_user),
        hint = format('Promote it as you do otherwise (pg_ctl promote, your provider), and call this again. Or a superuser runs, on '
          'the primary: grant execute on function pg_promote(boolean, integer) to %I', current_user);
    elsif not pg_promote(true, 60) then
      raise exception 'The standby should have become the primary within 60 seconds, but has not'
        using hint = 'It goes on with what it still has to replay, and the log of the server tells how far it is. Call this again.';
    end if;
    return 'promoted; call this once more, in a transaction of its own';
  end if;
  perform @privschema@.announce_primary();
  -- Workers that are back by now; those that come later open models when they are asked for.
  perform @extschema@.steadytext_daemon_start();
  perform @extschema@.steadytext_preload_models(timeout_seconds => 0);
  return 'primary';
end
$$;

revoke all on function @extschema@.steadytext_promote_to_primary from public;
comment on function @extschema@.steadytext_promote_to_primary is
  'Promotes a standby; on the primary sets ha_mode, notifies steadytext_failover, resumes the fleet and opens its models.';
