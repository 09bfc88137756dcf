import { expect, onTestFinished, test } from 'vitest';
import { openApiConnection } from '../../workers/queue/api/api-connection.ts';
import { listenForResults } from '../../workers/queue/api/await-result.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

async function connect() {
  const db = await openApiConnection({
    url: await database.login(['steadytext_writer']),
    schema: 'steadytext',
    name: 'await result test',
  });
  onTestFinished(() => db.close());
  return db;
}

test('a request that waited for longer than 25 days is given, with how long', async () => {
  const db = await connect();
  const resultOf = await listenForResults(db);
  const [row] = await db.query<{ id: string }>(`select steadytext.steadytext_embed_async('later') as id`);
  await database.query(
    database.superuserUrl,
    `update steadytext_queue set status = 'completed', runnable = false, embedding = '{1}', completed_at = now(),
       created_at = now() - interval '30 days' where request_id = $1`,
    [row!.id],
  );
  expect(await resultOf(row!.id, 10)).toMatchObject({
    status: 'completed',
    embedding: [1],
    waited_ms: 30 * 24 * 60 * 60 * 1000,
  });
});

test('an embedding comes with all its digits, however few of them the login likes to read', async () => {
  const url = new URL(await database.login(['steadytext_writer']));
  url.searchParams.set('options', '-c extra_float_digits=-15');
  const db = await openApiConnection({ url: url.href, schema: 'steadytext', name: 'await result test' });
  onTestFinished(() => db.close());
  expect(await db.query('select array[0.12345679, -0.5]::real[] as embedding')).toEqual([
    { embedding: [0.12345679, -0.5] },
  ]);
});

test('a notice wakes everybody who waits for the request', async () => {
  const db = await connect();
  const resultOf = await listenForResults(db);
  const [row] = await db.query<{ id: string }>(`select steadytext.steadytext_embed_async('soon') as id`);
  const waits = [resultOf(row!.id, 60), resultOf(row!.id, 60)];
  // Statements of a connection run in turn, so after this one both have looked and wait.
  await db.query('select');
  const finishedAt = performance.now();
  await database.query(
    database.superuserUrl,
    `with finished as (
       update steadytext_queue set status = 'completed', runnable = false, embedding = '{1}', completed_at = now()
       where request_id = $1 returning request_id)
     select pg_notify($2, request_id::text) from finished`,
    [row!.id, `${db.channelPrefix}steadytext_result`],
  );
  expect(await Promise.all(waits)).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
  // Far from the 5 s after which they look without a notice.
  expect(performance.now() - finishedAt).toBeLessThan(3000);
});
