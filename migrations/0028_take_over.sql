-- What a database may have from before, and what of it stood in the way.

-- 0.01 in four bytes is less than 0.01 in eight, so that the smallest weight there is was refused.
alter table @extschema@.steadytext_users
  drop constraint users_weight_in_range,
  add constraint users_weight_in_range check (weight between 0.01::real and 1000::real);

-- It gives more than it did, for the same arguments: what gives another result cannot be replaced.
drop function if exists @privschema@.users_behind(uuid, text, text, int);
