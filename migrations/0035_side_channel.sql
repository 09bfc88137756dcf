-- Synchronous functions: how long a call waits at most, and the key under which the owner's functions sign what they send
-- through the side channel. Not the key of the logs' hashes: those may be of any text that a user makes up, and are read by others.
insert into @extschema@.steadytext_settings (name, value, default_value, unit, scope, lowest, highest, description) values
  ('sync_wait_seconds', '300', '300', 'count', 'admin', 1, 999999999, 'most seconds that a synchronous call waits for its result');

create table @privschema@.sync_key (
  only_row boolean not null default true,
  key bytea not null,
  constraint sync_key_pkey primary key (only_row),
  constraint sync_key_one_row check (only_row)
);
insert into @privschema@.sync_key (key)
values (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

comment on table @privschema@.sync_key is 'Key of what is sent through the side channel of synchronous functions.';
