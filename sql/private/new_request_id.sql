-- A request id that begins with the time (UUID version 7): ids of one moment are neighbours in their index, whose
-- pages every claim and settle writes again. Random ones cost about a tenth of the whole claim and settle. 74 bits of
-- it are random. No pinned search_path, so that it is inlined; it runs under that of its callers.
create or replace function @privschema@.new_request_id()
returns uuid
language sql volatile
as $$
  -- The six bytes of the millisecond over a random id of version 4, and then the two bits that make a 4 a 7.
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
    52, 1), 53, 1), 'hex')::uuid
$$;

revoke all on function @privschema@.new_request_id from public;
comment on function @privschema@.new_request_id is 'A new request id, ordered by time.';
