-- Octets of the longest of the texts to choose from, one at least; null where there are none.
create or replace function @privschema@.longest_choice(p_params jsonb)
returns int
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select greatest(1, max(octet_length(c.choice)))
  from jsonb_array_elements_text(
    case when jsonb_typeof(p_params -> 'choices') = 'array' then p_params -> 'choices' else '[]' end) as c (choice)
  having count(*) > 0
$$;

revoke all on function @privschema@.longest_choice from public;
comment on function @privschema@.longest_choice is 'Octets of the longest choice of a generation.';
