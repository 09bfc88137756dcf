--- validation of inputs: a superuser, refused below 17 with 42704
alter system set steadytext.enable_input_validation = true;
--- instead: an administrator
select steadytext_config_set('enable_input_validation', 'true');

--- longest input: a superuser, refused below 17 with 42704
alter system set steadytext.max_input_length = 10000;
--- instead: an administrator
select steadytext_config_set('max_input_length', '10000');

--- longest answer: a superuser, refused below 17 with 42704
alter system set steadytext.max_tokens_limit = 2048;
--- instead: an administrator
select steadytext_config_set('max_tokens_limit', '2048');

--- rules of validation, created: a writer
create or replace function validate_generation_input(prompt text, max_tokens integer) returns boolean as $$
begin
  if length(prompt) > 10000 then
    raise exception 'Prompt too long: % characters', length(prompt);
  end if;
  if prompt ~* '(DROP|DELETE|TRUNCATE|INSERT|UPDATE)\s+(TABLE|DATABASE)' then
    raise exception 'Potentially malicious prompt detected';
  end if;
  if max_tokens > 2048 then
    raise exception 'Token limit too high: %', max_tokens;
  end if;
  return true;
end;
$$ language plpgsql security definer;

--- validation, then generation, created: a writer
create or replace function secure_generate(prompt text, max_tokens integer default 512) returns text as $$
begin
  perform validate_generation_input(prompt, max_tokens);
  return steadytext_generate(prompt, max_tokens);
end;
$$ language plpgsql security definer;

--- validation, then generation, called: a writer
select secure_generate('Name a colour.', 8);

--- a prompt that looks like SQL: a writer, refused with P0001
select secure_generate('Please DROP TABLE users');

--- validation that is there already: a writer
select steadytext.validate_generation_input('Name a colour.', 8);

--- validated generation that is there already: a writer
select steadytext.secure_generate('Name a colour.', 8);

--- limits of rates: a superuser, refused below 17 with 42704
alter system set steadytext.enable_rate_limiting = true;
--- instead: an administrator
select steadytext_config_set('enable_rate_limiting', 'true');

--- requests a minute: a superuser, refused below 17 with 42704
alter system set steadytext.rate_limit_requests_per_minute = 60;
--- instead: an administrator
select steadytext_config_set('rate_limit_requests_per_minute', '60');

--- tokens an hour: a superuser, refused below 17 with 42704
alter system set steadytext.rate_limit_tokens_per_hour = 100000;
--- instead: an administrator
select steadytext_config_set('rate_limit_tokens_per_hour', '100000');

--- a table of limits: an administrator
create table user_rate_limits (
  user_id integer primary key, requests_per_minute integer default 30, tokens_per_hour integer default 50000,
  last_reset timestamp default now());

--- a check of limits, created: an administrator
create or replace function check_rate_limit(p_user_id integer, p_tokens integer default 512) returns boolean as $$
declare
  v_requests_count integer;
  v_tokens_count integer;
  v_limit record;
begin
  select * into v_limit from user_rate_limits where user_id = p_user_id;
  if not found then
    insert into user_rate_limits (user_id) values (p_user_id) returning * into v_limit;
  end if;
  select count(*) into v_requests_count from steadytext_request_log
  where user_id = p_user_id and requested_at > now() - interval '1 minute';
  if v_requests_count >= v_limit.requests_per_minute then
    raise exception 'Rate limit exceeded: too many requests';
  end if;
  select coalesce(sum(tokens_used), 0) into v_tokens_count from steadytext_request_log
  where user_id = p_user_id and requested_at > now() - interval '1 hour';
  if v_tokens_count + p_tokens > v_limit.tokens_per_hour then
    raise exception 'Rate limit exceeded: token limit reached';
  end if;
  return true;
end;
$$ language plpgsql;

--- a check of limits, called: an administrator
select check_rate_limit(1);

--- a role that reads: a superuser, refused with 42710
create role steadytext_reader;
--- instead: an administrator
grant steadytext_reader to topics_team;

--- a role that writes: a superuser, refused with 42710
create role steadytext_writer;
--- instead: an administrator
grant steadytext_writer to topics_team;

--- a role that administers: a superuser, refused with 42710
create role steadytext_admin;
--- instead: an administrator
grant steadytext_admin to topics_team;

--- the right to generate: a superuser, refused with 42883
grant execute on function steadytext_generate(text, integer, boolean, integer) to steadytext_reader, steadytext_writer;
--- instead: a superuser
grant execute on function steadytext.steadytext_generate to steadytext_reader, steadytext_writer;

--- the right to embed: a superuser, refused with 42883
grant execute on function steadytext_embed(text, boolean) to steadytext_reader, steadytext_writer;
--- instead: a superuser
grant execute on function steadytext.steadytext_embed to steadytext_reader, steadytext_writer;

--- every right of an administrator: a superuser
grant execute on all functions in schema public to steadytext_admin;

--- row-level security of the queue: a superuser
alter table steadytext_queue enable row level security;

--- a policy of the queue: a superuser
create policy queue_user_policy on steadytext_queue for all
using (user_id = current_user_id()) with check (user_id = current_user_id());

--- taking the second policy away again: a superuser
drop policy queue_user_policy on steadytext_queue;

--- a table for an audit: a writer
create table steadytext_audit_log (
  id serial primary key, timestamp timestamp default now(), user_id integer, function_name text, parameters jsonb,
  result_size integer, duration_ms integer, ip_address inet);

--- a trigger for an audit: a writer
create or replace function audit_steadytext_usage() returns trigger as $$
begin
  insert into steadytext_audit_log (user_id, function_name, parameters, result_size, duration_ms, ip_address)
  values (current_user_id(), tg_argv[0], to_jsonb(new), length(new.result),
    extract(epoch from (now() - new.created_at)) * 1000, inet_client_addr());
  return new;
end;
$$ language plpgsql;
