// Requests whose results are kept: a fleet that serves the digest which test workers settle with.
import { beforeEach } from 'vitest';
import type { Row, Session, TestQueue } from './queue.ts';
import { EMBEDDING_MODEL, type Ending, TEXT_MODEL, type WorkerSession } from './worker-session.ts';

export function useServedDigest(queue: TestQueue): void {
  beforeEach(async () => {
    const superuser = await queue.superuser();
    await serve(superuser, 'sha256:test');
    await superuser.rows(
      `update steadytext_settings set value = default_value where name ~ 'cache' and value <> default_value`,
    );
  });
}

export async function serve(superuser: Session, digest: string): Promise<void> {
  await superuser.rows('update steadytext_models set digest = $1 where name in ($2, $3)', [
    digest,
    TEXT_MODEL,
    EMBEDDING_MODEL,
  ]);
}

/** What a statement enqueues is run to its end; gives the row of each request, in the order of their ids. */
export async function run(
  session: Session,
  worker: WorkerSession,
  enqueue: string,
  ending: Ending = {},
): Promise<Row[]> {
  await session.rows(enqueue);
  await worker.settle(await worker.claim({ generate: 100, embed: 100, rerank: 100 }), ending);
  return requests(session);
}

export function requests(session: Session): Promise<Row[]> {
  return session.rows('select * from steadytext_requests order by request_id');
}

/** hits, misses and entries of a type, as the session sees them. */
export async function stats(session: Session, type = 'generation'): Promise<number[]> {
  const [row] = await session.rows('select * from steadytext_cache_stats() where cache_type = $1', [type]);
  return [row!.hit_count, row!.miss_count, row!.entry_count].map(Number);
}
