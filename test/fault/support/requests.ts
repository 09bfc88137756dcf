// What the fault tests ask of the database: many requests in, and what became of each.

import type { TestDatabase } from '../../support/database.ts';

export interface Fate {
  readonly status: string;
  readonly retry_count: number;
  readonly isolated: boolean;
  readonly prompt: string;
  readonly error: string | null;
  /** The worker that ended it. */
  readonly ended_by: string | null;
  readonly logged: number;
  readonly audited: number;
}

type Database = Pick<TestDatabase, 'superuserUrl' | 'query'>;

/** Each is to be run, so none comes from the cache. */
export async function enqueueEmbeds(database: Database, texts: readonly string[]): Promise<string[]> {
  const rows = await database.query(
    database.superuserUrl,
    'select id from unnest(steadytext.steadytext_embed_batch_async($1, use_cache => false)) id',
    [texts],
  );
  return rows.map(({ id }) => id);
}

export async function fatesOf(database: Database, ids: readonly string[]): Promise<Fate[]> {
  return await database.query(
    database.superuserUrl,
    `with logged as (select request_id, count(*)::int as rows from steadytext.steadytext_request_log group by request_id),
          audited as (select request_id, count(*)::int as rows from steadytext.steadytext_audit_log group by request_id)
     select q.status, q.retry_count, q.isolated, q.prompt, q.error, q.daemon_endpoint as ended_by,
            coalesce(l.rows, 0) as logged, coalesce(a.rows, 0) as audited
     from steadytext.steadytext_queue q left join logged l using (request_id) left join audited a using (request_id)
     where q.request_id = any ($1) order by q.id`,
    [ids],
  );
}

export async function countIn(
  database: Database,
  ids: readonly string[],
  status: string,
  worker?: string,
): Promise<number> {
  const [row] = await database.query(
    database.superuserUrl,
    `select count(*)::int as count from steadytext.steadytext_queue
     where request_id = any ($1) and status = $2 and ($3::text is null or leased_by::text = $3)`,
    [ids, status, worker ?? null],
  );
  return row.count;
}

export const texts = (count: number, what = 'text') => Array.from({ length: count }, (_, i) => `${what} ${i}`);
