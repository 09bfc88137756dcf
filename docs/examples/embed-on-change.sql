-- Rows that are embedded as they change: a trigger enqueues in the transaction of the change, so what is rolled back is never asked
-- for, and what is committed always; finished embeddings are written back by whoever owns the table. Needs pgvector.

create table articles (
  id int generated always as identity primary key,
  title text not null,
  body text not null,
  embedding vector(384)
);

-- What each article waits for: the newest request alone, so a result of an older text is never written back.
create table article_requests (
  article_id int primary key references articles on delete cascade,
  request_id uuid not null,
  error text
);

-- One call for all rows of a statement, however many; a call takes max_batch_size texts (10,000) at most.
create function queue_articles() returns trigger
language plpgsql
as $$
begin
  insert into article_requests as w (article_id, request_id)
  select a.id, a.request_id
  from (select array_agg(c.id order by c.id) as ids,
               steadytext_embed_batch_async(array_agg(c.title || E'\n' || c.body order by c.id)) as request_ids
        from (select n.id, n.title, n.body, (row_number() over (order by n.id) - 1) / 10000 as part from new_articles n) c
        group by c.part) b
  cross join lateral unnest(b.ids, b.request_ids) as a (id, request_id)
  on conflict (article_id) do update set request_id = excluded.request_id, error = null;
  return null;
end
$$;

create trigger queue_inserted after insert on articles
  referencing new table as new_articles for each statement execute function queue_articles();

-- A trigger with a table of its rows cannot name columns: that the text has really changed is asked row by row.
create function queue_article() returns trigger
language plpgsql
as $$
begin
  insert into article_requests as w (article_id, request_id)
  values (new.id, steadytext_embed_async(new.title || E'\n' || new.body))
  on conflict (article_id) do update set request_id = excluded.request_id, error = null;
  return null;
end
$$;

create trigger queue_updated after update of title, body on articles
  for each row when ((old.title, old.body) is distinct from (new.title, new.body)) execute function queue_article();

-- Writes back what has finished; gives how many. Several may run at once. What failed stays, with its reason, to be seen and
-- retried (steadytext_retry_async).
create function apply_embeddings() returns bigint
language sql
as $$
  with final as materialized (
    select w.article_id, r.status, r.embedding, r.error
    from (select * from article_requests where error is null for update skip locked) w
    cross join lateral steadytext_check_async(w.request_id) r
    where r.completed_at is not null
  ), failed as (
    update article_requests w set error = coalesce(f.error, f.status)
    from final f where f.article_id = w.article_id and f.status <> 'completed'
  ), done as (
    delete from article_requests w using final f where f.article_id = w.article_id and f.status = 'completed'
  ), written as (
    update articles a set embedding = f.embedding
    from final f where f.article_id = a.id and f.status = 'completed'
    returning 1
  )
  select count(*) from written
$$;

insert into articles (title, body) values
  ('Whales', 'The blue whale is the largest animal that has ever lived.'),
  ('Volcanoes', 'Lava that has cooled becomes rock.');
update articles set body = 'Molten rock that has reached the surface is called lava.' where title = 'Volcanoes';

-- By a timer of the application, by pg_cron, or whenever a notice comes (listen steadytext_result).
select apply_embeddings();
