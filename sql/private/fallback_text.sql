-- Words in place of an answer, as a worker's fallback gives them: a function of the prompt alone, which no model has seen. They say so in
-- their first sentence.
create or replace function @privschema@.fallback_text(p_prompt text, p_most_words int)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array_to_string((string_to_array('No model was there to answer this.', ' ') || array(
    select (array['about', 'after', 'along', 'before', 'begin', 'bring', 'carry', 'clear', 'corner', 'cover', 'deep', 'early',
                  'earth', 'enough', 'field', 'follow', 'garden', 'green', 'ground', 'half', 'home', 'house', 'inside', 'keep',
                  'letter', 'light', 'line', 'measure', 'middle', 'moon', 'morning', 'near', 'north', 'often', 'open', 'order',
                  'outside', 'river', 'round', 'small'])[1 + get_byte(h.hash, i) % 40]
    from (select sha256(convert_to(p_prompt, 'UTF8')) as hash) h cross join generate_series(0, 31) as i
    order by i))[:p_most_words], ' ')
$$;

revoke all on function @privschema@.fallback_text from public;
comment on function @privschema@.fallback_text is 'Words that no model made, the same for the same prompt.';
