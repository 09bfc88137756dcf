-- The keywords of JSON Schema that are supported, and what may stand in each. The same list is KEYWORDS in
-- workers/inference/constrained/schema/keywords.ts, which a test compares.
create or replace function @privschema@.schema_keywords()
returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select '{
    "$schema": "dialect", "$id": "root only", "$comment": "anything", "title": "anything", "description": "anything",
    "default": "anything", "examples": "anything", "deprecated": "boolean", "readOnly": "boolean",
    "writeOnly": "boolean", "$defs": "named schemas", "definitions": "named schemas", "$ref": "string",
    "type": "types", "enum": "values", "const": "anything", "allOf": "schemas", "anyOf": "schemas", "oneOf": "schemas",
    "properties": "named schemas", "required": "strings", "additionalProperties": "schema", "minProperties": "count",
    "maxProperties": "count", "prefixItems": "schemas", "items": "schema", "minItems": "count", "maxItems": "count",
    "minLength": "count", "maxLength": "count", "pattern": "string", "format": "format", "minimum": "number",
    "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number",
    "multipleOf": "positive whole number"
  }'::jsonb
$$;

revoke all on function @privschema@.schema_keywords from public;
comment on function @privschema@.schema_keywords is 'Supported keywords of JSON Schema and the shapes of their values.';
