-- Fills in where instructions jump to, as distances: `if`, `test` and `for` to behind the next else or to the end, an `else` to
-- the end, `next` back to where its loop gives its names. Jumps to an end that is not known yet are chained through their own
-- arguments.
create or replace function @privschema@.link_code(p_code jsonb[])
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_code jsonb[] := p_code;
  v_op text;
  -- Of each open statement: where it began, the jump that waits for its next branch, the last one that waits for its end.
  v_starts int[] := '{}'::int[];
  v_waiting int[] := '{}'::int[];
  v_chains int[] := '{}'::int[];
  v_depth int := 0;
  v_jump int;
begin
  for i in 1 .. cardinality(v_code) loop
    v_op := v_code[i] ->> 0;
    if v_op in ('if', 'for') then
      v_depth := v_depth + 1;
      v_starts[v_depth] := i;
      v_waiting[v_depth] := i;
      v_chains[v_depth] := 0;
    elsif v_op = 'test' then
      v_waiting[v_depth] := i;
    elsif v_op = 'next' then
      v_code[i] := v_code[i] || jsonb_build_array(null, v_starts[v_depth] + 1 - i);
    elsif v_op in ('else', 'end') then
      v_jump := v_waiting[v_depth];
      if v_jump > 0 then
        v_code[v_jump] := jsonb_build_array(case v_code[v_jump] ->> 0 when 'for' then 'for' else 'unless' end,
          v_code[v_jump] -> 1, v_code[v_jump] -> 2, i + 1 - v_jump);
      end if;
      v_waiting[v_depth] := 0;
      v_code[i] := jsonb_build_array('jump', null, null, 1);
      if v_op = 'else' then
        v_code[i] := jsonb_build_array('jump', null, null, v_chains[v_depth]);
        v_chains[v_depth] := i;
      else
        while v_chains[v_depth] > 0 loop
          v_jump := v_chains[v_depth];
          v_chains[v_depth] := (v_code[v_jump] ->> 3)::int;
          v_code[v_jump] := jsonb_build_array('jump', null, null, i - v_jump);
        end loop;
        v_depth := v_depth - 1;
      end if;
    end if;
  end loop;
  return to_jsonb(v_code);
end
$$;

revoke all on function @privschema@.link_code from public;
comment on function @privschema@.link_code is 'Fills in where instructions jump to.';
