-- Summaries in parts read a text more than once, which their cost says (docs/lifecycle.md).
drop function if exists @privschema@.request_cost(text, real, real);
