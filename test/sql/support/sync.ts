// The side channel of synchronous functions in a test's database, and a worker that answers what comes through it.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { setupSync } from '../../../workers/queue/setup-sync.ts';
import { REQUEST_TYPES } from '../../../workers/queue/types.ts';
import { openClient, type TestClient } from '../../support/database.ts';
import type { TestQueue } from './queue.ts';
import type { Claimed, Ending } from './worker-session.ts';

/** One password for the server's databases: test files that set it up come after each other. */
const TURN = 732_001;

/** `before` runs as a superuser before it is set up. */
export function useSideChannel(queue: Pick<TestQueue, 'db'>, before?: string): void {
  let turn: TestClient | undefined;
  beforeAll(async () => {
    turn = await openClient(queue.db.server.superuserUrl);
    await turn.query('select pg_advisory_lock($1)', [TURN]);
    if (before !== undefined) await queue.db.query(queue.db.superuserUrl, before);
    await setupSync({ url: queue.db.superuserUrl });
  });
  afterAll(async () => {
    await turn?.end();
  });
}

/** Settles all that comes, until it is disposed of: prompts in capitals, rankings backwards, unless told otherwise. */
export async function answering(
  queue: Pick<TestQueue, 'worker'>,
  endingOf: (request: Claimed) => Ending = naturalEnding,
): Promise<AsyncDisposable> {
  const worker = await queue.worker();
  const stopped = new AbortController();
  const run = (async () => {
    while (!stopped.signal.aborted) {
      const claimed = await worker.claim(Object.fromEntries(REQUEST_TYPES.map((type) => [type, 50])));
      for (const request of claimed) await worker.settle([request], endingOf(request));
      if (claimed.length === 0) await delay(2);
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      await run;
    },
  };
}

export function naturalEnding({ request_type, params }: Claimed): Ending {
  if (request_type !== 'rerank') return {};
  const documents = (params.documents as string[]).toReversed();
  return {
    result: JSON.stringify(
      documents.map((document, i) => (params.return_scores ? { document, score: 1 / (i + 2) } : { document })),
    ),
  };
}
