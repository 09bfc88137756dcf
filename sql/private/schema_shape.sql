-- What a keyword's value should be, where it is not; null where it is. Schemas within it are looked at by themselves.
create or replace function @privschema@.schema_shape(p_shape text, p_value jsonb, p_at_root boolean)
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case p_shape
    when 'schemas' then
      case when jsonb_typeof(p_value) = 'array' and p_value <> '[]' then null else 'an array of schemas' end
    when 'named schemas' then case when jsonb_typeof(p_value) = 'object' then null else 'an object of schemas' end
    when 'root only' then case when p_at_root then null else 'at the root of the schema only' end
    when 'string' then case when jsonb_typeof(p_value) = 'string' then null else 'a text' end
    when 'strings' then
      case when jsonb_typeof(p_value) = 'array'
          and not jsonb_path_exists(p_value, 'strict $[*] ? (@.type() <> "string")') then null
        else 'an array of texts' end
    when 'boolean' then case when jsonb_typeof(p_value) = 'boolean' then null else 'true or false' end
    when 'number' then case when jsonb_typeof(p_value) = 'number' then null else 'a number' end
    when 'count' then
      case when jsonb_path_exists(p_value, 'strict $ ? (@.type() == "number" && @ >= 0 && @.floor() == @)') then null
        else 'a whole number from 0 on' end
    when 'positive whole number' then
      case when jsonb_path_exists(p_value, 'strict $ ? (@.type() == "number" && @ > 0 && @.floor() == @)') then null
        else 'a whole number above 0 (others are not exact)' end
    when 'values' then
      case when jsonb_typeof(p_value) = 'array' and p_value <> '[]' then null else 'an array of values' end
    when 'types' then
      case when p_value <> '[]' and p_value <@ '["null", "boolean", "integer", "number", "string", "array", "object"]'
          then null
        else 'a type or an array of types out of null, boolean, integer, number, string, array, object' end
    when 'format' then
      case when jsonb_typeof(p_value) = 'string' and p_value <@
          '["date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid"]' then null
        else 'a format out of date, time, date-time, duration, email, hostname, ipv4, ipv6, uri, uuid' end
    when 'dialect' then
      case when p_value #>> '{}' ~ '^https?://json-schema[.]org/(draft/2020-12|draft/2019-09|draft-07)/schema#?$' then null
        else 'draft 2020-12' end
  end
$$;

revoke all on function @privschema@.schema_shape from public;
comment on function @privschema@.schema_shape is 'What the value of a keyword of JSON Schema should be, if it is not.';
