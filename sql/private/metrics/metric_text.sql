-- One family of the exposition format: what it is, once, then its samples. Empty where there is none: of what nobody has measured
-- nothing is said.
create or replace function @privschema@.metric_text(p_family text, p_kind text, p_help text, p_samples text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_samples is null then ''
              else format(E'# HELP %1$s %2$s\n# TYPE %1$s %3$s\n%4$s', p_family, p_help, p_kind, p_samples) end
$$;

revoke all on function @privschema@.metric_text from public;
comment on function @privschema@.metric_text is 'A family of metrics as text.';
