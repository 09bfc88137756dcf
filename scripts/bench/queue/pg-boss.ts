// pg-boss as its documentation makes it fast: four workers that fetch 100 and go on at once while batches are full, woken
// by notices.

import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { contend } from './contender.ts';

const QUEUE = 'no-op';

contend(async ({ admin }, onStart) => {
  const client = new pg.Client(admin);
  await client.connect();
  const boss = new PgBoss({ connectionString: admin, schema: 'bench_boss', useListenNotify: true } as object);
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true } as object);
  for (let i = 0; i < 4; i++) {
    const options = { batchSize: 100, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true };
    await boss.work(QUEUE, options, async (jobs: readonly unknown[]) => {
      for (const _ of jobs) onStart();
    });
  }
  return {
    async enqueueMany(count) {
      await boss.insert(
        QUEUE,
        Array.from({ length: count }, (_, i) => ({ data: { i } })),
      );
    },
    async enqueueOne() {
      await boss.send(QUEUE, { i: 1 });
    },
    async isDrained() {
      const { rows } = await client.query(
        `select not exists (select from bench_boss.job where name = $1 and state < 'completed') as drained`,
        [QUEUE],
      );
      return rows[0].drained as boolean;
    },
    async finished() {
      const { rows } = await client.query(
        `select count(*)::int as completions from bench_boss.job where name = $1 and state = 'completed'`,
        [QUEUE],
      );
      return rows[0];
    },
    async stop() {
      await boss.stop({ graceful: true });
      await client.end();
    },
  };
});
