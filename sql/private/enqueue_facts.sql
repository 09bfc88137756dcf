-- What an enqueue has to know of settings, models and users, in one statement: five took a tenth of its time. The model is null
-- where refuse_model says why; the user is null where ensure_user_id has more to do than to look. Of the session only what is a
-- user's own to choose is asked, which takes no look at a table where it says nothing.
create or replace function @privschema@.enqueue_facts(
  p_role_name text, p_request_type text, p_model text, out user_id int, out model text, out max_input_length int,
  out max_request_bytes int, out max_tokens int, out default_max_tokens int, out default_seed int, out validates boolean,
  out caches boolean, out default_dimension int)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role_oid oid := to_regrole(quote_ident(p_role_name));
  v_kinds text[] := @privschema@.model_kinds_of(p_request_type);
  v_own_tokens text := current_setting('steadytext.default_max_tokens', true);
  v_own_seed text := current_setting('steadytext.default_seed', true);
begin
  select s.max_input_length, s.max_request_bytes, s.max_tokens, s.default_max_tokens, s.default_seed, s.validates, s.caches,
         -- The default of the preferred kind that has one; a named one whatever its kind is, if the type runs on that.
         (select m.name from @extschema@.steadytext_models m
          where m.kind = any (v_kinds) and case when p_model is null then m.is_default else m.name = p_model end
          order by array_position(v_kinds, m.kind) limit 1),
         (select case when count(*) = 1 and bool_and(u.role_name = p_role_name) then min(u.user_id) end
          from @extschema@.steadytext_users u
          where u.role_oid = v_role_oid and pg_has_role(v_role_oid, '@roleprefix@steadytext_writer', 'member'))
  into max_input_length, max_request_bytes, max_tokens, default_max_tokens, default_seed, validates, caches, model, user_id
  from (
    select max(t.value) filter (where t.name = 'max_input_length')::int as max_input_length,
           max(t.value) filter (where t.name = 'max_request_bytes')::int as max_request_bytes,
           max(t.value) filter (where t.name = 'max_tokens_limit')::int as max_tokens,
           max(t.value) filter (where t.name = 'default_max_tokens')::int as default_max_tokens,
           max(t.value) filter (where t.name = 'default_seed')::int as default_seed,
           max(t.value) filter (where t.name = 'enable_input_validation')::boolean as validates,
           max(t.value) filter (where t.name = 'cache_enabled')::boolean as caches
    -- Of 51 rows these 22 are read at all: to look for seven names in each takes 10 µs.
    from @extschema@.steadytext_settings t where t.has_effect) s;
  if num_nulls(max_input_length, max_request_bytes, max_tokens, default_max_tokens, default_seed, validates, caches) > 0 then
    -- Raises for the one that has no row.
    perform @privschema@.setting(n.name)
    from unnest(array['max_input_length', 'max_request_bytes', 'max_tokens_limit', 'default_max_tokens', 'default_seed',
      'enable_input_validation', 'cache_enabled']) as n (name);
  end if;
  validates := validates and p_request_type = 'generate';
  -- What was set once and taken back is an empty text.
  if v_own_seed <> '' then
    default_seed := @privschema@.own_value('default_seed', v_own_seed)::int;
  end if;
  if v_own_tokens <> '' and p_request_type = 'generate' then
    default_max_tokens := @privschema@.own_value('default_max_tokens', v_own_tokens)::int;
  end if;
  if p_request_type = 'embed' then
    default_dimension := @privschema@.narrower_dimension(model);
  end if;
end
$$;

revoke all on function @privschema@.enqueue_facts from public;
comment on function @privschema@.enqueue_facts is 'User, model, limits and defaults of what a role enqueues.';
