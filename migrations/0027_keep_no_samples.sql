-- Row-level security hides rows, but not what the planner knows of them: ANALYZE keeps samples of every column's values, of all
-- users, and EXPLAIN's estimates tell anybody who may read the table what is among them, letter by letter. No plan of ours needs
-- them: what we look up has an index, and where it matters the plan is pinned. So of tables with rows of several users none are
-- kept, and ANALYZE counts rows and pages. make_partition sees to the weeks to come.
do $$
declare
  v_alter text;
begin
  foreach v_alter in array array[
    'alter table @extschema@.steadytext_queue ', 'alter table @extschema@.steadytext_users ',
    'alter table @extschema@.steadytext_request_log ', 'alter table @extschema@.steadytext_audit_log ']
  loop
    execute v_alter || (
      select string_agg(format('alter column %I set statistics 0', a.attname), ', ')
      from pg_attribute a
      where a.attrelid = split_part(v_alter, ' ', 3)::regclass and a.attnum > 0 and not a.attisdropped);
  end loop;
end
$$;

-- What was sampled before stays in spite of that, and only superusers can delete it. But it goes when a column is given its type
-- anew, which writes no row anew: of texts, labels and keys, and of whose each row is. 300,000 requests took 1 s under the lock,
-- for their constraints are checked again; with numbers, times and states, which nearly all indexes are over, it were 1.8 s.
-- The audit log is read whole, by whoever may read it. What is dropped here is made again by its file of sql/.
do $$
declare
  v_table text;
  v_drop text;
  v_columns text[];
  v_types text;
  v_detail text;
begin
  for v_table, v_drop, v_columns in values
    ('steadytext_queue',
     'drop view if exists @extschema@.steadytext_dead_letter_queue;
      drop policy if exists queue_own_rows on @extschema@.steadytext_queue;
      drop policy if exists queue_own_inserts on @extschema@.steadytext_queue;
      drop trigger if exists queue_ask_as_caller on @extschema@.steadytext_queue;
      drop trigger if exists queue_fill_direct_insert on @extschema@.steadytext_queue;',
     array['user_id', 'asked_by', 'client_addr', 'request_type', 'model', 'model_digest', 'daemon_endpoint', 'session_id',
           'idempotency_key', 'call_digest', 'cache_key', 'traceparent', 'prompt', 'prompts', 'params', 'result', 'results',
           'embedding', 'embeddings', 'error', 'receipt']),
    ('steadytext_users',
     'drop trigger if exists users_fill_role_oid on @extschema@.steadytext_users;
      drop trigger if exists users_note_first_weight on @extschema@.steadytext_users;
      drop trigger if exists users_note_weight on @extschema@.steadytext_users;',
     array['role_name', 'role_oid', 'weight']),
    ('steadytext_request_log',
     'drop policy if exists request_log_own_rows on @extschema@.steadytext_request_log;',
     array['user_id', 'request_type', 'model', 'model_digest'])
  loop
    select string_agg(format('alter column %I type %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ') into v_types
    from pg_attribute a
    where a.attrelid = format('@extschema@.%I', v_table)::regclass and a.attname = any (v_columns)
      and exists (
        select from pg_stats s
        where s.schemaname in ('@extschema@', '@privschema@') and starts_with(s.tablename, v_table) and s.attname = a.attname);
    continue when v_types is null;
    execute v_drop;
    execute format('alter table @extschema@.%I %s', v_table, v_types);
  end loop;
exception when feature_not_supported or dependent_objects_still_exist then
  get stacked diagnostics v_detail = pg_exception_detail;
  raise exception '%', format(
    '%s (%s). It keeps samples of all users'' texts in the planner''s statistics, from which EXPLAIN tells anybody what is in '
    'them. Drop it, migrate, and make it again; or let a superuser run, before you migrate again: delete from pg_statistic '
    'where starelid in (select oid from pg_class where relowner = ''@roleprefix@steadytext_owner''::regrole)',
    sqlerrm, v_detail);
end
$$;

-- A type given anew brings its own way of storing with it.
alter table @extschema@.steadytext_queue
  alter column embedding set storage external,
  alter column embeddings set storage external;
