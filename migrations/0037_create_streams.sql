-- Generations whose text is read while it is made: which requests these are, and what there is of their texts so far. Unlogged, since
-- nothing of it is needed twice: after a crash of the server the text comes whole, with its result.
create unlogged table @privschema@.streams (
  request_id uuid not null,
  -- Advisory lock that the reader's transaction holds until its end; null where it cannot be looked at from here.
  lock_key bigint,
  constraint streams_pkey primary key (request_id)
);
alter table @privschema@.streams enable row level security;
alter table @privschema@.streams alter column request_id set statistics 0, alter column lock_key set statistics 0;

create unlogged table @privschema@.stream_pieces (
  request_id uuid not null,
  -- Of the attempt that made it: pieces of two attempts are never mixed.
  lease_token bigint not null,
  -- Characters of the text before it.
  start int not null,
  piece text not null,
  constraint stream_pieces_pkey primary key (request_id, lease_token, start)
);
alter table @privschema@.stream_pieces enable row level security;
-- Rows of several users: no samples of their values (see keep_no_samples).
alter table @privschema@.stream_pieces
  alter column request_id set statistics 0, alter column lease_token set statistics 0, alter column start set statistics 0,
  alter column piece set statistics 0;

comment on table @privschema@.streams is 'Requests whose texts are read while they are made.';
comment on table @privschema@.stream_pieces is 'What there is so far of texts that are read while they are made.';

-- A claim tells which requests are the same, so that a worker runs one of those that it has together.
drop function if exists @privschema@.claim_requests(uuid, text[], text[], int[], real, int, real[], int[]);
