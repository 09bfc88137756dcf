// What a heartbeat does beside what is about its own worker.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';

const queue = useQueue();

async function heartbeat(models: readonly object[]): Promise<void> {
  const { client } = await queue.worker();
  await client.query(`select steadytext_private.heartbeat_worker($1, 'running', 'h', 1, 'v', '[]', $2)`, [
    randomUUID(),
    JSON.stringify(models),
  ]);
}

test('a default model whose row was deleted is the default again with the next heartbeat', async () => {
  const superuser = await queue.superuser();
  const models = [
    { name: 'aaa', kind: 'embedding', dimension: 3 },
    { name: 'all-minilm-l6-v2', kind: 'embedding', dimension: 384 },
  ];
  const defaults = `select name from steadytext_models where kind = 'embedding' and is_default`;
  await superuser.rows(`delete from steadytext_models where kind = 'embedding'`);
  try {
    await heartbeat(models.slice(1));
    await heartbeat(models);
    expect(await superuser.rows(defaults)).toEqual([{ name: 'all-minilm-l6-v2' }]);
    await (await queue.session('alice')).rows(`select steadytext_embed_async('x')`);
  } finally {
    await superuser.rows(`delete from steadytext_models where name = 'aaa'`);
  }
});

test('a heartbeat does not fail while an administrator binds users', async () => {
  const admin = await queue.superuser();
  const worker = await queue.worker();
  await admin.rows('begin');
  await admin.rows('select steadytext_rebind_users()');
  await worker.beat(704);
  await admin.rows('rollback');
});
