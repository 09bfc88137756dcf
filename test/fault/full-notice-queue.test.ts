// The server's queue of notices full, as any login can make it that listens and sits in a transaction: nothing of ours fails.
import { expect, onTestFinished, test } from 'vitest';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { Session } from '../sql/support/queue.ts';
import { WorkerSession } from '../sql/support/worker-session.ts';
import { openClient } from '../support/database.ts';

// The size can be chosen since 17: 64 pages are its least, half a megabyte. Before that it is 8 GB.
test.each([17, 18] as const)('on PostgreSQL %s', async (version) => {
  const server = await startEmbeddedServer({ version, temporary: true, settings: { max_notify_queue_pages: '64' } });
  onTestFinished(() => server.stop('immediate'));
  const { writerUrl, workerUrl } = await createDevDatabase(server);
  await using listener = await openClient(writerUrl);
  await using stranger = await openClient(writerUrl);
  await using writer = await openClient(writerUrl);
  await using superuser = await openClient(server.url('postgres', server.passwords.postgres, 'steadytext'));
  await using client = await openClient(workerUrl);
  const user = new Session(writer);
  const worker = new WorkerSession(client, '00000000-0000-0000-0000-000000000001');
  const enqueue = () => user.value(`select steadytext_embed_async('x')`) as Promise<string>;
  const passes = async (seconds: string) =>
    await superuser.query(
      `update steadytext.steadytext_queue set scheduled_at = now() - interval '1 second',
         lease_expires_at = case when status = 'processing' then now() - $1::interval end`,
      [seconds],
    );

  await listener.query('listen anything');
  await listener.query('begin');
  const fill = async () => {
    for (let page = 0; page < 200; page++) await stranger.query(`select pg_notify('anything', repeat('x', 7900))`);
  };
  await expect(fill()).rejects.toThrow('too many notifications in the NOTIFY queue');

  const cancelled = await enqueue();
  await worker.claim({ embed: 1 });
  expect(await user.value('select steadytext_cancel_async($1)', [cancelled])).toBe(true);
  expect(await user.value('select steadytext_retry_async($1)', [cancelled])).toBe(true);
  expect(await worker.release(await worker.claim({ embed: 1 }))).toHaveLength(1);
  await worker.settle(await worker.claim({ embed: 1 }), { outcome: 'retry', error: 'later' });
  await passes('0');
  expect(await worker.promote()).toBe(1);
  await worker.claim({ embed: 1 });
  await passes('1 second');
  expect(await worker.rescue()).toMatchObject([{ status: 'pending' }]);
  expect(await worker.settle(await worker.claim({ embed: 1 }))).toMatchObject([{ status: 'completed' }]);
  await user.rows(`insert into steadytext_queue (prompt, request_type) values ('direct', 'embed')`);

  // With the listener gone there is room again, and notices come again.
  await listener.query('rollback');
  await listener.query('unlisten *');
  const heard: string[] = [];
  stranger.on('notification', ({ channel }) => heard.push(channel));
  await stranger.query('listen steadytext_queue');
  await enqueue();
  await stranger.query('select');
  expect(heard).toEqual(['steadytext_queue']);
});
