-- The instructions of an expression: operators wait on a stack until all that binds tighter has been written, so nothing here
-- calls itself, however deep brackets are. `and` and `or` leave out what comes behind them when it does not matter, by a jump
-- relative to their own place.
create or replace function @privschema@.expression_code(p_parts jsonb[])
returns jsonb[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_code jsonb[] := '{}'::jsonb[]; n int := 0;
  v_part jsonb; v_role text; v_kind text;
  -- What waits: brackets have the rank 0.
  v_waiting jsonb[] := '{}'::jsonb[];
  v_ranks int[] := '{}'::int[];
  v_at int[] := '{}'::int[];
  v_top int := 0;
  -- Behind a number, a filter or a test there is neither a member nor an item.
  v_is_loose boolean := false;
begin
  foreach v_part in array p_parts loop
    v_role := v_part ->> 'role';
    while v_role in ('infix', 'comma', 'close', 'end') and v_top > 0
      and v_ranks[v_top] >= case v_role when 'infix' then (v_part ->> 'rank')::int else 1 end loop
      v_kind := v_waiting[v_top] ->> 'kind';
      if v_ranks[v_top] = 4 and v_part ->> 'rank' = '4' then
        perform @privschema@.refuse_template(v_part ->> 'place', 'several comparisons in a row are not supported: use and');
      elsif v_ranks[v_top] <= 2 then
        v_code[v_at[v_top]] := jsonb_build_array(v_kind, null, null, n + 1 - v_at[v_top]);
      else
        n := n + 1;
        v_code[n] := jsonb_build_array(case v_kind when 'not' then 'not' else 'compare' end, v_kind, v_waiting[v_top] -> 'place');
      end if;
      v_top := v_top - 1;
    end loop;
    if v_is_loose and v_part ? 'tight' then
      perform @privschema@.refuse_template(v_part ->> 'place',
        'behind a number, a filter or a test brackets are needed: (a|first).b');
    elsif v_role in ('value', 'behind') then
      n := n + 1;
      v_code[n] := v_part -> 'code' || case when v_part ? 'tight' then v_part -> 'path' else '[]' end;
      v_is_loose := v_part ? 'loose' or (v_role = 'behind' and not v_part ? 'tight');
    elsif v_role in ('open', 'prefix', 'infix') then
      n := n + (v_part ->> 'kind' in ('and', 'or'))::int;
      v_top := v_top + 1;
      v_waiting[v_top] := v_part || '{"count": 0}';
      v_at[v_top] := n;
      v_ranks[v_top] := case v_role when 'open' then 0 when 'prefix' then 3 else (v_part ->> 'rank')::int end;
      perform @privschema@.check_waiting(v_part, v_waiting[v_top - 1], v_top);
    elsif v_role <> 'end' or v_top > 0 then
      v_waiting[v_top] := @privschema@.count_item(v_part, v_waiting[v_top]);
      if v_role = 'close' then
        if v_waiting[v_top] ? 'code' then
          n := n + 1;
          v_code[n] := v_waiting[v_top] -> 'code';
        end if;
        v_is_loose := v_waiting[v_top] ->> 'kind' = 'filter';
        v_top := v_top - 1;
      end if;
    end if;
  end loop;
  return v_code;
end
$$;

revoke all on function @privschema@.expression_code from public;
comment on function @privschema@.expression_code is 'The instructions of an expression.';
