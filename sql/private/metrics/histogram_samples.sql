-- Samples of one histogram: how many were no longer than each bound, in seconds, then their sum and their number, which is the last
-- count.
create or replace function @privschema@.histogram_samples(p_family text, p_labels text, p_sum_ms bigint, p_counts bigint[])
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format(E'%s_bucket%s,le="%s"} %s\n', p_family, rtrim(p_labels, '}'),
      coalesce(trim_scale(b.bound / 1000.0)::text, '+Inf'), b.n), '' order by b.i)
    || format(E'%s_sum%s %s\n%s_count%s %s\n', p_family, p_labels, trim_scale(p_sum_ms / 1000.0), p_family, p_labels,
      p_counts[cardinality(p_counts)])
  from (
    select c.i, c.n, (@privschema@.tally_bounds())[c.i] as bound from unnest(p_counts) with ordinality as c (n, i)
  ) b
$$;

revoke all on function @privschema@.histogram_samples from public;
comment on function @privschema@.histogram_samples is 'Samples of a histogram as text.';
