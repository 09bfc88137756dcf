-- Labels of one sample in the exposition format, of names and values by turns: {function="…",model="…"}. Values may be anything that
-- a model was called: backslash, quote and line feed are escaped, and everything else is as it is.
create or replace function @privschema@.metric_labels(p_pairs text[])
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{' || string_agg(format('%s="%s"', p_pairs[2 * i - 1],
    replace(replace(replace(p_pairs[2 * i], E'\\', E'\\\\'), '"', E'\\"'), E'\n', E'\\n')), ',' order by i) || '}'
  from generate_series(1, cardinality(p_pairs) / 2) as i
$$;

revoke all on function @privschema@.metric_labels from public;
comment on function @privschema@.metric_labels is 'Labels of a sample, escaped.';
