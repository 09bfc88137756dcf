// A cache full of one user's results, written as the owner would, with keys as enqueue makes them.

import type pg from 'pg';

export const MODEL = 'smollm2-135m-instruct';

export interface Filled {
  readonly userId: number;
  prompt(i: number): string;
  key(i: number): string;
}

/** `writer` becomes the user, by a request that is not cached. */
export async function fillCache(superuser: pg.Client, writer: pg.Client, entries: number): Promise<Filled> {
  await superuser.query(`update steadytext_models set digest = 'sha256:bench' where name = '${MODEL}'`);
  await writer.query(`select steadytext_generate_async('makes the user', use_cache => false)`);
  const { rows } = await superuser.query(
    `select q.user_id, steadytext_private.cache_key_head('generate', q.model, q.params) as head from steadytext_queue q`,
  );
  const { user_id: userId, head } = rows[0] as { user_id: number; head: Buffer };
  const values = [userId, MODEL, head, entries];
  await superuser.query(
    `insert into steadytext_cache_entries
       (user_id, cache_key, cache_type, model, model_digest, result, receipt, entry_bytes, created_at)
     select $1, steadytext_private.cache_key($3, 'prompt ' || i), 'generation', $2, 'sha256:bench', repeat(md5(i::text), 16), '{}', 800,
       now() - make_interval(secs => ($4 - i) * 0.1)
     from generate_series(0, $4::int - 1) i`,
    values,
  );
  await superuser.query(`delete from steadytext_queue`);
  await superuser.query('vacuum analyze');
  await superuser.query('checkpoint');
  const known = await superuser.query('select array_agg(cache_key order by id) as keys from steadytext_cache_entries');
  const keys = known.rows[0].keys as string[];
  return { userId, prompt: (i) => `prompt ${i}`, key: (i) => keys[i]! };
}
