-- Standbys: what they do with calls is for an administrator to say. What somebody has chosen stays.
update @extschema@.steadytext_settings s
set description = d.description, has_effect = true,
    -- Or it would count as an administrator's.
    updated_at = clock_timestamp()
from (values
  ('ha_mode', 'whether synchronous calls on a standby go to the primary: off, or what the server is that it is set on'),
  ('ha_primary_host', 'where the side channel of synchronous calls looks for the primary too, at the port of setup sync'),
  ('ha_readonly_cache', 'whether a standby gives what is in the cache by itself')
) as d (name, description)
where s.name = d.name;

-- An unlogged table has an unlogged sequence, of which PostgreSQL keeps no whole page for a standby that is promoted, or a server that
-- crashes, before the first checkpoint after it was made: every look into the cache would fail there from then on. Nothing needs the number.
alter table @privschema@.cache_touches drop column touch_id;
