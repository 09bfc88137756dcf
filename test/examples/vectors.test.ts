// The examples that need pgvector, with the default models: a corpus is embedded once, and each example does what its page says.
import { beforeAll, expect, test } from 'vitest';
import { Session } from '../sql/support/queue.ts';
import { useSideChannel } from '../sql/support/sync.ts';
import { useDatabase } from '../support/database.ts';
import { useVector } from '../support/vector.ts';
import { waitFor } from '../support/wait-for.ts';
import { runExample } from './support/example.ts';
import { useRealWorker } from './support/real-worker.ts';

const db = useDatabase();
useVector(db);
useSideChannel({ db });
useRealWorker(db);

let url: string;
beforeAll(async () => {
  url = await db.login(['steadytext_writer']);
  await db.query(db.superuserUrl, `grant create on schema public to ${new URL(url).username}`);
});

test('semantic-search.sql finds what is asked for among five hundred facts, by an index and a ranking', {
  timeout: 300_000,
}, async () => {
  await using client = await db.connect(url);
  const session = new Session(client);
  await runExample(client, 'facts');
  expect(await session.value('select count(*)::int from documents')).toBeGreaterThanOrEqual(500);
  expect(await session.value('select count(*) - count(distinct content) from documents')).toBe('0');
  const results = await runExample(client, 'semantic-search');
  expect(results.at(-2)![0]!.content).toBe('Mercury is a metal, and at room temperature it is liquid.');
  expect(results.at(-1)![0]!.content).toMatch(/^The African elephant/);
  expect(await session.value('select count(*)::int from documents where embedding is null')).toBe(0);

  const search = (text: string, ...rest: number[]) =>
    session.rows(`select * from semantic_search_with_rerank(${['$1', ...rest].join()})`, [text]);
  for (const [question, answer] of [
    ['Where is the seat of the government of Japan?', /^Tokyo /],
    ['something to find out how warm it is', /thermometer/],
    ['Which element has the atomic number 92?', /^Uranium/],
    ['the instrument that an organist plays', /organ/],
  ] as const)
    expect((await search(question, 3)).map(({ content }) => content)).toContainEqual(expect.stringMatching(answer));
  const rows = await search('a bird', 5);
  expect(rows).toHaveLength(5);
  for (const row of rows) expect(row.final_score).toBeCloseTo(0.6 * row.rerank_score + 0.4 * row.vector_similarity, 6);
  expect(rows.map(({ final_score }) => final_score)).toEqual(
    rows.map(({ final_score }) => final_score).toSorted((a, b) => b - a),
  );
  expect(await search('a bird', 5, 0.99), 'nothing is as near as that').toEqual([]);

  // Five hundred rows are sooner read than an index.
  await session.rows('set enable_seqscan = off');
  const plan = await session.rows(
    `explain select id from documents order by embedding <=> (select embedding from documents where id = 1) limit 30`,
  );
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Scan using idx_documents_embedding_cosine');
  await session.rows('set steadytext.embedding_dimensions = 1024; reset enable_seqscan');
  await expect(search('a bird')).rejects.toMatchObject({ message: 'different vector dimensions 384 and 1024' });
});

test('embed-on-change.sql embeds what has changed, and only what was committed', { timeout: 120_000 }, async () => {
  await using client = await db.connect(url);
  const session = new Session(client);
  await runExample(client, 'embed-on-change');
  const applied = async () => {
    await session.rows('select apply_embeddings()');
    return (await session.value('select count(*)::int from article_requests where error is null')) === 0;
  };
  await waitFor(applied, 'all embeddings to be written back');
  const nearest = 'select title from articles order by embedding <=> steadytext_embed($1)::vector limit 1';
  expect(await session.value(nearest, ['hot liquid stone'])).toBe('Volcanoes');
  expect(await session.value(nearest, ['sea animals'])).toBe('Whales');

  const requests = () => session.value(`select count(*)::int from steadytext_requests where request_type = 'embed'`);
  const before = await requests();
  await session.rows(`begin; insert into articles (title, body) values ('a', 'never')`);
  await session.rows('rollback');
  await session.rows(`update articles set title = title`);
  expect(await requests(), 'what is rolled back or no change asks for nothing').toBe(before);
  await session.rows(
    `insert into articles (title, body) select 'many', 'Number ' || n || '.' from generate_series(1, 50) n`,
  );
  await session.rows(`delete from articles where body = 'Number 7.'`);
  await waitFor(applied, 'the many to be written back');
  expect(await session.rows('select count(*)::int as n, count(embedding)::int as embedded from articles')).toEqual([
    { n: 51, embedded: 51 },
  ]);
});

test('a failed or an overtaken embedding is never written back', async () => {
  await using client = await db.connect(url);
  const session = new Session(client);
  await session.rows(`insert into articles (title, body) values ('overtaken', 'one'), ('failed', 'one')`);
  await session.rows(`update articles set body = 'two' where title = 'overtaken'`);
  const of = `(select id from articles where title = 'failed')`;
  await session.rows(
    `update article_requests set request_id = steadytext_embed_async('cut', dimension => 3) where article_id = ${of}`,
  );
  await waitFor(async () => {
    await session.rows('select apply_embeddings()');
    return (await session.value('select count(*)::int from article_requests where error is null')) === 0;
  }, 'both to be final');
  expect(await session.value(`select error from article_requests where article_id = ${of}`)).toContain(
    'the 3 came of dimension, or of the setting steadytext.embedding_dimensions',
  );
  expect(await session.value(`select embedding is null from articles where id = ${of}`)).toBe(true);
  expect(
    await session.value(
      `select round((embedding <=> steadytext_embed(E'overtaken\\ntwo')::vector)::numeric, 5) from articles where title = 'overtaken'`,
    ),
  ).toBe('0.00000');
});

test('log-anomalies.sql tells the two messages that are unlike the others', async () => {
  await using client = await db.connect(url);
  const rows = (await runExample(client, 'log-anomalies')).at(-1)!;
  expect(rows.map(({ sensor_id, log_message }) => [sensor_id, log_message])).toEqual([
    [1, expect.stringMatching(/^Connection to the gateway lost/)],
    [2, expect.stringMatching(/^Smoke was detected/)],
  ]);
});

test('log-summaries.sql has a summary of each hour and sensor', { timeout: 300_000 }, async () => {
  await using client = await db.connect(url);
  const session = new Session(client);
  // Fewer of them say the same.
  await session.rows(`delete from sensor_logs where sensor_id = 3
    or severity = 'info' and time > (select min(time) from sensor_logs) + interval '20 minutes'`);
  const rows = (await runExample(client, 'log-summaries')).at(-1)!;
  expect(rows.reduce((sum, { log_count }) => sum + Number(log_count), 0)).toBe(24);
  for (const { hourly_summary, severity_levels } of rows) {
    expect(hourly_summary).toMatch(/\w/);
    expect(severity_levels.join()).toMatch(/info|error/);
  }
  expect(rows.filter(({ severity_levels }) => severity_levels.includes('error'))).toHaveLength(2);
});
