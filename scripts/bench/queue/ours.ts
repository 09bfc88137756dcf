// Our own queue as its users have it: enqueue by the SQL functions, run by startWorker, with a handler and an engine that
// do nothing.

import pg from 'pg';
import { loadConfig } from '../../../workers/config.ts';
import type { MortalEngine } from '../../../workers/fleet/mortal-engine.ts';
import { startWorker } from '../../../workers/fleet/worker.ts';
import { holdYoungGeneration } from '../../../workers/fleet/young-generation.ts';
import type { Handler } from '../../../workers/handlers/handler.ts';
import type { LoadedModel } from '../../../workers/inference/engine.ts';
import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import type { EngineExit } from '../../../workers/inference/process/engine-process.ts';
import { createLogger } from '../../../workers/log.ts';
import { contend } from './contender.ts';

const MODEL: LoadedModel = {
  name: 'smollm2-135m-instruct',
  kind: 'text',
  digest: '0'.repeat(64),
  format: 'nb8',
  converterVersion: 0,
  maxTokens: 8192,
  dimension: null,
  tokenBytes: 46_080,
  takesInstruction: false,
  threads: 1,
};

/** The largest batch that one call takes. */
const MOST_A_CALL = 10_000;

const noOp = (onStart: () => void): Handler<null> => ({
  requestType: 'generate',
  kinds: ['text'],
  capacity: () => ({ perEngine: 4000, perCall: 1000 }),
  parse: () => null,
  async run(attempts, _, settle) {
    for (const attempt of attempts) {
      onStart();
      settle(attempt, { outcome: 'completed', result: '', tokensIn: 1, tokensOut: 1, modelDigest: MODEL.digest });
    }
  },
});

holdYoungGeneration();
contend(async ({ admin, writer, worker: url }, onStart) => {
  const client = new pg.Client(writer);
  // Asks as the rivals do, of all rows; a writer is shown its own only.
  const observer = new pg.Client(admin);
  await Promise.all([client.connect(), observer.connect()]);
  const worker = await startWorker({
    config: loadConfig({ DATABASE_URL: url, STEADYTEXT_ENGINES: '1', STEADYTEXT_LOG_LEVEL: 'warn' }, {}, [
      'databaseUrl',
    ]),
    log: createLogger('warn'),
    version: 'bench',
    handlers: [noOp(onStart)],
    // Of a model without files, for an engine that needs none.
    models: async () => [{ path: '', description: { files: {} } } as unknown as ModelFolder],
    startEngine: async () => idleEngine(),
  });
  return {
    async enqueueMany(count) {
      const text = `select count(*) from steadytext_generate_batch_async(array(select 'request ' || i from generate_series(1, $1::int) i), use_cache => false)`;
      await client.query('begin');
      for (let left = count; left > 0; left -= MOST_A_CALL) await client.query(text, [Math.min(left, MOST_A_CALL)]);
      await client.query('commit');
    },
    async enqueueOne() {
      await client.query(`select steadytext_generate_async('request', use_cache => false)`);
    },
    // Three probes, one of each index over unfinished requests: finished ones stay in the table.
    async isDrained() {
      const unfinished = [
        "status = 'pending' and runnable",
        "status = 'pending' and not runnable",
        "status = 'processing'",
      ];
      const { rows } = await observer.query(
        `select ${unfinished.map((which) => `not exists (select from steadytext_queue where ${which})`).join(' and ')} as drained`,
      );
      return rows[0].drained as boolean;
    },
    async finished() {
      const { rows } = await observer.query(
        `select (select count(*)::int from steadytext_queue where status = 'completed') as results,
           (select count(*)::int from steadytext_request_log where outcome = 'completed') as "rows in the request log",
           (select count(*)::int from steadytext_audit_log where success and request_id is not null) as "rows in the audit log"`,
      );
      return rows[0];
    },
    async stop() {
      await worker.drain();
      await Promise.all([client.end(), observer.end()]);
    },
  };
});

/** The contract's smallest implementation: the handler above never calls it. */
function idleEngine(): MortalEngine {
  const exit = Promise.withResolvers<EngineExit>();
  const never = () => Promise.reject(new Error('the no-op handler asks nothing of its engine'));
  return {
    pid: process.pid,
    exited: exit.promise,
    load: async () => MODEL,
    embed: never,
    rerank: never,
    generate: never,
    divide: never,
    cancel: () => {},
    know: async () => {},
    unload: async () => {},
    open: async () => {},
    shut: async () => true,
    bound: async () => {},
    describe: async () => ({
      pid: process.pid,
      engineVersion: 'none',
      onnxruntimeVersion: 'none',
      cpuClass: 'none',
      residentBytes: 0,
      models: [{ ...MODEL, resident: true, loadMs: 0, bytes: 0, idleMs: null }],
      runningGenerations: 0,
      promptTokensRead: 0,
      promptTokensReused: 0,
      turnsTaken: 0,
    }),
    close: async () => exit.resolve({ code: 0, signal: null }),
    kill: () => exit.resolve({ code: null, signal: 'SIGKILL' }),
  };
}
