-- Places in words, and texts near a place. Needs PostGIS. Degrees are not metres: distances are asked of geography.

create table places (
  id int generated always as identity primary key,
  name text not null,
  geom geometry(Point, 4326) not null
);
create index places_nearby on places using gist ((geom::geography));

create table content (
  id int generated always as identity primary key,
  content text not null,
  location geometry(Point, 4326) not null
);
create index content_nearby on content using gist ((location::geography));

insert into places (name, geom) values
  ('the Eiffel Tower', st_setsrid(st_makepoint(2.2945, 48.8584), 4326)),
  ('the Champ de Mars', st_setsrid(st_makepoint(2.2983, 48.8556), 4326)),
  ('the Trocadéro', st_setsrid(st_makepoint(2.2885, 48.8617), 4326)),
  ('the Louvre', st_setsrid(st_makepoint(2.3376, 48.8606), 4326));

insert into content (content, location) values
  ('A carousel for children turns all day by the river.', st_setsrid(st_makepoint(2.2931, 48.8594), 4326)),
  ('The bakery in the rue Saint-Dominique sells bread from six in the morning.', st_setsrid(st_makepoint(2.3021, 48.8598), 4326)),
  ('Paintings by Leonardo da Vinci hang in the museum.', st_setsrid(st_makepoint(2.3358, 48.8602), 4326));

-- An aggregate takes no LIMIT: the five that are nearest are chosen first.
create function generate_location_description(location geometry, style text default 'descriptive')
returns text
language plpgsql
as $$
declare
  nearby_places text;
begin
  select string_agg(p.name, ', ' order by p.distance)
  into nearby_places
  from (select q.name, st_distance(q.geom::geography, location::geography) as distance
        from places q
        where st_dwithin(q.geom::geography, location::geography, 1000)
        order by distance
        limit 5) p;
  return steadytext_generate(
    format('Describe a location at latitude %s, longitude %s. Nearby places: %s. Style: %s',
      st_y(location), st_x(location), coalesce(nearby_places, 'none'), style),
    max_tokens => 200);
end
$$;

-- What lies within a radius, ranked by a query. The texts are gathered first: an aggregate over a window cannot be an argument of a
-- function beside it in FROM.
create function search_geo_content(query_text text, center_location geometry, radius_meters float)
returns table (content_id int, content text, location geometry, distance float, relevance_score float)
language plpgsql
as $$
#variable_conflict use_column
declare
  ids int[];
  contents text[];
begin
  select array_agg(c.id), array_agg(c.content)
  into ids, contents
  from content c
  where st_dwithin(c.location::geography, center_location::geography, radius_meters);
  if ids is null then
    return;
  end if;
  return query
    select c.id, c.content, c.location, st_distance(c.location::geography, center_location::geography), r.score
    from content c
    join (select document, max(score) as score
          from steadytext_rerank(query_text, contents, 'location-based search')
          group by document) r on r.document = c.content
    where c.id = any (ids)
    order by 5 desc, 4;
end
$$;

select generate_location_description(st_setsrid(st_makepoint(2.2950, 48.8580), 4326), 'a short guide for visitors');
select content, round(distance) as metres
from search_geo_content('Where can I buy breakfast?', st_setsrid(st_makepoint(2.2950, 48.8580), 4326), 1500);
