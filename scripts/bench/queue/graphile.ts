// graphile-worker as its documentation makes it fast: a local queue of 500 and batched completions.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { contend } from './contender.ts';

interface GraphileWorker {
  run(options: object): Promise<{ stop(): Promise<void> }>;
  runMigrations(options: object): Promise<void>;
  Logger: new (factory: () => () => void) => object;
}

const rivals = join(import.meta.dirname, '..', 'rivals', 'package.json');
const { run, runMigrations, Logger } = createRequire(rivals)('graphile-worker') as GraphileWorker;

contend(async ({ admin }, onStart) => {
  const logger = new Logger(() => () => {});
  const client = new pg.Client(admin);
  await client.connect();
  await runMigrations({ connectionString: admin, logger });
  const runner = await run({
    connectionString: admin,
    concurrency: 24,
    maxPoolSize: 10,
    noHandleSignals: true,
    logger,
    taskList: { 'no-op': async () => onStart() },
    preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  });
  return {
    async enqueueMany(count) {
      await client.query(
        `select count(*) from graphile_worker.add_jobs(array(
           select row('no-op', json_build_object('i', i), null, null, null, null, null, null)::graphile_worker.job_spec
           from generate_series(1, $1::int) i))`,
        [count],
      );
    },
    async enqueueOne() {
      await client.query(`select graphile_worker.add_job('no-op', '{"i":1}')`);
    },
    async isDrained() {
      const { rows } = await client.query('select not exists (select from graphile_worker._private_jobs) as drained');
      return rows[0].drained as boolean;
    },
    // It deletes what has ended well and keeps what has failed, so that it is drained says all there is to count.
    async finished() {
      return {};
    },
    async stop() {
      await runner.stop();
      await client.end();
    },
  };
});
