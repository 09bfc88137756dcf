// Embeddings through the queue: a `steadytext worker` on a PostgreSQL of its own, from the call that enqueues them all until the
// database says that none is left.

import pg from 'pg';
import { createDevDatabase } from '../../../workers/dev/dev-database.ts';
import { startEmbeddedServer } from '../../../workers/dev/embedded-server.ts';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { MAINTENANCE_QUEUES } from '../../../workers/maintenance/queues.ts';
import { startWorkerCommand } from '../memory/worker-command.ts';

export interface ThroughSql extends AsyncDisposable {
  readonly version: string;
  /** Milliseconds. Throws unless each text has its vector. */
  embed(texts: readonly string[]): Promise<number>;
}

/** The largest batch that one call takes. */
const MOST_A_CALL = 10_000;
const SLOTS = 8;
const ENQUEUE = 'select count(*) from steadytext_embed_batch_async($1::text[], use_cache => false)';
/** Probes of the indexes over unfinished requests: finished ones stay in the table. */
const UNFINISHED = ["status = 'pending' and runnable", "status = 'pending' and not runnable", "status = 'processing'"];
const DRAINED = `select ${UNFINISHED.map((which) => `not exists (select from steadytext_queue where ${which})`).join(' and ')} as drained`;
const VECTORS = `select count(*) filter (where status = 'completed' and embedding is not null)::int as done, min(error) as error
                 from steadytext_queue`;
const EVERY_MS = 10;

export async function startThroughSql(engines: number, format: NumberFormat): Promise<ThroughSql> {
  await using stack = new AsyncDisposableStack();
  const server = await startEmbeddedServer({ version: 18, temporary: true, durable: true });
  stack.defer(() => server.stop('immediate'));
  const { adminUrl, writerUrl, workerUrl } = await createDevDatabase(server, { queues: MAINTENANCE_QUEUES });
  stack.use(await startWorkerCommand(workerUrl, engines, SLOTS, format));
  const connected = async (url: string) => {
    const client = new pg.Client(url);
    await client.connect();
    stack.defer(() => client.end());
    return client;
  };
  const [writer, observer] = [await connected(writerUrl), await connected(adminUrl)];
  let enqueued = 0;
  const moved = stack.move();
  return {
    version: `${server.version}`,
    async embed(texts) {
      const begun = performance.now();
      for (let from = 0; from < texts.length; from += MOST_A_CALL)
        await writer.query(ENQUEUE, [texts.slice(from, from + MOST_A_CALL)]);
      while (!(await observer.query(DRAINED)).rows[0].drained)
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      const ms = performance.now() - begun;
      enqueued += texts.length;
      const { done, error } = (await observer.query(VECTORS)).rows[0];
      if (done !== enqueued) throw new Error(`Expected vectors of all ${enqueued} texts, got ${done}: ${error}`);
      return ms;
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}
