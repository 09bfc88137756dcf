-- Settings under the reference's name and columns, to read; steadytext_config_set changes one. When and by whom is in the audit log.
create or replace view @extschema@.steadytext_config with (security_invoker = true) as
select l.name as key,
       case when l.value ~ '^(-?(0|[1-9][0-9]*)([.][0-9]+)?|true|false)$' then l.value::jsonb else to_jsonb(l.value) end as value,
       l.description, null::timestamptz as updated_at, null::text as updated_by
from @extschema@.steadytext_config_list() l;

comment on view @extschema@.steadytext_config is 'steadytext_config_list() with the columns of pg_steadytext.';
