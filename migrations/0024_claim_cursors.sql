-- Of more users than one claim looks at, each worker goes through all in turn: the last one that it looked at. Unlogged: after a
-- crash it begins anew.
create unlogged table @privschema@.claim_cursors (
  worker_id uuid not null,
  request_type text not null,
  model text not null,
  user_id int not null,
  constraint claim_cursors_pkey primary key (worker_id, request_type, model)
) with (fillfactor = 50);

comment on table @privschema@.claim_cursors is
  'Where each worker goes on among very many users who wait for a type and model.';

-- Signatures that have gone with that.
drop function if exists @privschema@.users_to_serve(text, text, int);
drop function if exists @privschema@.users_with_small(text, text, int[], int, real);
drop function if exists @privschema@.choose_fairly(uuid, text, text, int[], int, bigint, int, real, int);
drop function if exists @privschema@.read_virtual_times(uuid, text, text, int[]);
drop function if exists @privschema@.charge_virtual_times(uuid, text, text, int[], real[]);
