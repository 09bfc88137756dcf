-- What an administrator may choose. Read from here and never from session parameters, which any login can set for
-- itself.
create table @extschema@.steadytext_settings (
  name text not null,
  value text not null,
  unit text not null,
  description text not null,
  updated_at timestamptz not null default now(),
  constraint settings_pkey primary key (name),
  constraint settings_unit_known check (unit in ('count', 'characters', 'tokens', 'interval')),
  -- A number that is none, or a retention that no date can be reckoned with, is refused when it is written and not
  -- when it is read. One number and one unit: intervals of mixed signs compare as small and still leave the calendar.
  constraint settings_value_fits_unit check (
    case when unit = 'interval' then
           case when value ~ '^[0-9]{1,7} (minute|hour|day|week|month|year)s?$'
                then value::interval between interval '1 hour' and interval '100 years' else false end
         else value ~ '^[0-9]{1,9}$' and value::bigint > 0 end)
);

insert into @extschema@.steadytext_settings (name, value, unit, description) values
  ('max_input_length', '100000', 'characters', 'longest prompt, text, query or document of a request'),
  ('max_request_bytes', '1000000', 'count', 'most bytes of input and options of one request'),
  ('max_tokens_limit', '4096', 'tokens', 'most tokens one generation may ask for'),
  ('max_batch_size', '10000', 'count', 'most inputs of one batch call'),
  ('max_documents', '1000', 'count', 'most documents of one rerank request'),
  ('queue_retention', '7 days', 'interval', 'how long finished requests and their results are kept'),
  ('request_log_retention', '90 days', 'interval', 'how long rows of steadytext_request_log are kept'),
  ('audit_log_retention', '365 days', 'interval', 'how long rows of steadytext_audit_log are kept');

-- The key under which logs keep hashes of prompts: without it a short prompt could be found by hashing guesses.
create table @privschema@.hash_key (
  only_row boolean not null default true,
  key bytea not null,
  constraint hash_key_pkey primary key (only_row),
  constraint hash_key_one_row check (only_row)
);
insert into @privschema@.hash_key (key)
values (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

-- What the gates of notify_queue are numbered from, so that no login can compute them; the low three bits are the gate.
create table @privschema@.gate_key (
  only_row boolean not null default true,
  key bigint not null,
  constraint gate_key_pkey primary key (only_row),
  constraint gate_key_one_row check (only_row),
  constraint gate_key_leaves_gates check (key & 7 = 0)
);
insert into @privschema@.gate_key (key)
values (('x' || right(replace(gen_random_uuid()::text, '-', ''), 15) || '0')::bit(64)::bigint);

comment on table @extschema@.steadytext_settings is 'Limits and retention, changed by administrators.';
comment on table @privschema@.hash_key is 'Key of the hashes that logs keep in place of text.';
comment on table @privschema@.gate_key is 'Secret part of the advisory locks that gate notices of new work.';
