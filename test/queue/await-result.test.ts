import { expect, onTestFinished, test } from 'vitest';
import { openApiConnection } from '../../workers/queue/api/api-connection.ts';
import { listenForResults } from '../../workers/queue/api/await-result.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

test('a request that waited for longer than 25 days is given, with how long', async () => {
  const db = await openApiConnection({
    url: await database.login(['steadytext_writer']),
    schema: 'steadytext',
    name: 'await result test',
  });
  onTestFinished(() => db.close());
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
