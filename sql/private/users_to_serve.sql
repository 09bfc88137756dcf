-- Whom a claim considers: everybody who waits, if they are a hundred or no more than the rows wanted; else so many
-- from a random place on, because a probe a user adds up (with 1000 users 69 ms a claim against 12, on a busy
-- machine). Then weights hold only roughly, but everybody's turn comes.
create or replace function @privschema@.users_to_serve(p_request_type text, p_model text, p_limit int)
returns int[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_most int := greatest(100, p_limit);
  v_users int[] := @privschema@.runnable_users(p_request_type, p_model, 2147483647, v_most);
  v_from_there int[];
begin
  if cardinality(v_users) < v_most then
    return v_users;
  end if;
  v_from_there := @privschema@.runnable_users(p_request_type, p_model, ceil(random() * v_users[1])::int, v_most);
  -- Round to the top where the numbers ran out, without anybody twice.
  return v_from_there || array(
    select u.user_id from unnest(v_users) as u (user_id)
    where u.user_id <> all (v_from_there)
    limit v_most - cardinality(v_from_there));
end
$$;

revoke all on function @privschema@.users_to_serve from public;
comment on function @privschema@.users_to_serve is 'Users a claim chooses rows from.';
