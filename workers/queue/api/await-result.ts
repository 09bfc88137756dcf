// Waits for a request as users are told to: LISTEN first, then look, then sleep until the notice comes.

import { setTimeout as sleep } from 'node:timers/promises';
import { SteadyTextError } from '../../errors.ts';
import type { ApiConnection } from './api-connection.ts';

export interface FinishedRequest {
  readonly request_id: string;
  readonly request_type: string;
  readonly status: string;
  readonly result: string | null;
  readonly embedding: readonly number[] | null;
  readonly error: string | null;
  readonly model: string;
  readonly model_digest: string | null;
  readonly tokens_in: number | null;
  readonly tokens_out: number | null;
  readonly processing_time_ms: number | null;
  readonly waited_ms: number | null;
}

/** A notice is a hint and can be lost with a connection, so the row is looked at now and then all the same. */
const LOOK_AGAIN_MS = 5000;

/** Listens from now on; a request enqueued after this has resolved cannot finish unheard. Any number may wait for one. */
export async function listenForResults(db: ApiConnection) {
  const waiting = new Map<string, Set<() => void>>();
  await db.listen('steadytext_result', (requestId) => {
    for (const wake of waiting.get(requestId) ?? []) wake();
  });
  return async (requestId: string, timeoutSeconds: number): Promise<FinishedRequest> => {
    const deadline = performance.now() + timeoutSeconds * 1000;
    let wake = () => {};
    const wakeThis = () => wake();
    const mates = waiting.get(requestId) ?? new Set();
    waiting.set(requestId, mates.add(wakeThis));
    try {
      for (;;) {
        const noticed = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const found = await readFinished(db, requestId);
        if (found) return found;
        const left = deadline - performance.now();
        if (left <= 0) throw stillUnfinished(db, requestId, timeoutSeconds);
        const pause = new AbortController();
        const pauseEnd = sleep(Math.min(left, LOOK_AGAIN_MS), undefined, { signal: pause.signal });
        await Promise.race([noticed, pauseEnd, db.lost]);
        pause.abort();
      }
    } finally {
      mates.delete(wakeThis);
      if (mates.size === 0) waiting.delete(requestId);
    }
  };
}

function stillUnfinished({ schema }: ApiConnection, requestId: string, timeoutSeconds: number): SteadyTextError {
  return new SteadyTextError(
    'WaitTimedOut',
    `Expected request ${requestId} to finish within ${timeoutSeconds} seconds, but it is still waiting or running.`,
    {
      hint:
        'The request goes on. Ask for it later with the same login: ' +
        `steadytext sql "select * from ${schema}.steadytext_check_async('${requestId}')". \`steadytext status\` shows whether a worker lives.`,
    },
  );
}

/** The request if it is final; null while it waits or runs, and for one that this login may not see. */
async function readFinished(db: ApiConnection, requestId: string): Promise<FinishedRequest | null> {
  const rows = await db.query<FinishedRequest>(
    `select q.request_id, q.request_type, q.status, q.result, q.embedding, q.error, q.model, q.model_digest,
            q.tokens_in, q.tokens_out, q.processing_time_ms,
            floor(extract(epoch from q.completed_at - q.created_at) * 1000)::float8 as waited_ms
       from ${db.schema}.steadytext_requests q
      where q.request_id = $1 and q.completed_at is not null`,
    [requestId],
  );
  return rows[0] ?? null;
}
