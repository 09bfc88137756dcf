-- sha256 (hex) of the texts of a request: the prompt, and of a rerank its documents, each in UTF-8 with its length in octets
-- before it, as eight bytes, the most significant first. Workers compute the same in workers/handlers/receipt.ts.
create or replace function @privschema@.input_hash(p_prompt text, p_params jsonb)
returns text
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(string_agg(int8send(octet_length(t.bytes)) || t.bytes, '' order by t.position)), 'hex')
  from (
    select 0 as position, convert_to(p_prompt, 'UTF8') as bytes
    union all
    select d.position, convert_to(d.document, 'UTF8')
    from jsonb_array_elements_text(coalesce(p_params -> 'documents', '[]')) with ordinality as d (document, position)
  ) t
$$;

revoke all on function @privschema@.input_hash from public;
comment on function @privschema@.input_hash is 'sha256 (hex) of the prompt and the documents of a request.';
