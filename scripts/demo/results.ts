// Waiting for results by LISTEN: each finished request is announced once, with its id.

import type pg from 'pg';

export interface Finished {
  readonly request_id: string;
  readonly status: string;
  readonly result: string | null;
  readonly embedding: readonly number[] | null;
  readonly error: string | null;
  readonly model: string;
  readonly model_digest: string | null;
  readonly tokens_in: number | null;
  readonly tokens_out: number | null;
  readonly processing_time_ms: number | null;
  /** performance.now() when the notice came. */
  readonly noticedAt: number;
}

const LONGEST_WAIT_MS = 120_000;

/** Resolves once the connection listens; what it gives back waits for all of these requests and reads them in order. */
export async function listenForResults(db: pg.Client): Promise<(ids: readonly string[]) => Promise<Finished[]>> {
  const noticed = new Map<string, number>();
  let wake = () => {};
  db.on('notification', ({ payload }) => {
    if (payload) noticed.set(payload, performance.now());
    wake();
  });
  await db.query('listen steadytext_result');
  return async (ids) => {
    const all = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => all.reject(new Error(`No notice of a result within ${LONGEST_WAIT_MS / 1000} s.`)),
      LONGEST_WAIT_MS,
    );
    wake = () => {
      if (ids.every((id) => noticed.has(id))) all.resolve();
    };
    wake();
    await all.promise.finally(() => clearTimeout(timer));
    const { rows } = await db.query<Finished>(
      `select request_id, status, result, embedding, error, model, model_digest, tokens_in, tokens_out, processing_time_ms
         from steadytext_queue where request_id = any($1) order by array_position($1, request_id)`,
      [ids],
    );
    const bad = rows.find((row) => row.status !== 'completed');
    if (bad) throw new Error(`Request ${bad.request_id} ${bad.status}: ${bad.error}`);
    return rows.map((row) => ({ ...row, noticedAt: noticed.get(row.request_id)! }));
  };
}
