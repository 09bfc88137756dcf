-- How many numbers functions give of an embedding: columns of a fixed width, such as vector(1024), take those of a narrower model
-- with zeros at their end. What is stored is what the model said.
insert into @extschema@.steadytext_settings (name, value, default_value, unit, scope, lowest, highest, description) values
  ('embedding_dimensions', '0', '0', 'count', 'user', 0, 16000,
   'numbers of an embedding as functions give it, with zeros for those that a model does not have; 0 for the model''s own');

-- Signatures that have gone: an embedding has a default dimension.
drop function if exists @privschema@.enqueue_facts(text, text, text);
drop function if exists @privschema@.checked_params(text, jsonb, int, int, int);
