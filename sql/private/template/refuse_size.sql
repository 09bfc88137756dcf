-- What one rendering may come to. Counted and not timed: what is refused is refused on every machine.
create or replace function @privschema@.refuse_size(p_steps bigint, p_rounds bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'program_limit_exceeded',
    message = format('Rendering should take at most %s, but takes more', case when p_steps > 200000 then '200000 steps'
      when p_rounds > 20000 then '20000 rounds of all loops together' else '1000000 characters' end),
    hint = 'Pass smaller variables, or make several prompts of this one.';
end
$$;

revoke all on function @privschema@.refuse_size from public;
comment on function @privschema@.refuse_size is 'Raises 54000: a rendering that is too large.';
