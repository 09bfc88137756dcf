// Illegal rows are impossible: the table itself refuses them, by name, also from an administrator's hand.
import { beforeEach, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';

const queue = useQueue();
let superuser: Session;

beforeEach(async () => {
  superuser = await queue.superuser();
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  await alice.rows(`select steadytext_generate_async('pending')`);
  await alice.rows(`select steadytext_embed_batch_async(array['completed', 'failed', 'cancelled'])`);
  const claimed = await worker.claim({ embed: 3 });
  await worker.settle(claimed.filter(({ prompt }) => prompt === 'completed'));
  await worker.settle(
    claimed.filter(({ prompt }) => prompt === 'failed'),
    { outcome: 'failed' },
  );
  await alice.rows(`select steadytext_cancel_async(request_id) from steadytext_requests where prompt = 'cancelled'`);
  await alice.rows(`select steadytext_generate_async('rejected')`);
  await superuser.rows(
    `update steadytext_queue set status = 'rejected', runnable = false, completed_at = now() where prompt = 'rejected'`,
  );
  await alice.rows(`select steadytext_rerank_async('processing', array['x'])`);
  await worker.claim({ rerank: 1 });
});

const ILLEGAL = [
  ['pending', `status = 'sleeping', runnable = false`, 'lifecycle'],
  ['pending', `status = 'completed', runnable = false`, 'lifecycle'],
  ['pending', `completed_at = now()`, 'lifecycle'],
  ['pending', `leased_by = gen_random_uuid()`, 'lifecycle'],
  ['pending', `lease_expires_at = now()`, 'lifecycle'],
  ['pending', `result = 'early'`, 'lifecycle'],
  ['pending', `results = '{early}'`, 'lifecycle'],
  ['pending', `embedding = '{1}'`, 'lifecycle'],
  ['pending', `embeddings = '{{1}}'`, 'lifecycle'],
  ['processing', `status = 'pending'`, 'lifecycle'],
  ['processing', `leased_by = null`, 'lifecycle'],
  ['processing', `lease_expires_at = null`, 'lifecycle'],
  ['processing', `started_at = null`, 'lifecycle'],
  ['processing', `lease_token = 0`, 'lifecycle'],
  ['processing', `completed_at = now()`, 'lifecycle'],
  ['processing', `runnable = true`, 'lifecycle'],
  ['processing', `result = 'early'`, 'lifecycle'],
  ['processing', `results = '{early}'`, 'lifecycle'],
  ['processing', `embedding = '{1}'`, 'lifecycle'],
  ['processing', `embeddings = '{{1}}'`, 'lifecycle'],
  ['completed', `status = 'pending', result = null, embedding = null`, 'lifecycle'],
  ['completed', `completed_at = null`, 'lifecycle'],
  ['completed', `runnable = true`, 'lifecycle'],
  ['completed', `leased_by = gen_random_uuid()`, 'lifecycle'],
  ['completed', `lease_expires_at = now()`, 'lifecycle'],
  ['failed', `completed_at = null`, 'lifecycle'],
  ['failed', `runnable = true`, 'lifecycle'],
  ['failed', `leased_by = gen_random_uuid()`, 'lifecycle'],
  ['failed', `lease_expires_at = now()`, 'lifecycle'],
  ['failed', `result = 'late'`, 'lifecycle'],
  ['failed', `results = '{late}'`, 'lifecycle'],
  ['failed', `embedding = '{1}'`, 'lifecycle'],
  ['failed', `embeddings = '{{1}}'`, 'lifecycle'],
  ['cancelled', `completed_at = null`, 'lifecycle'],
  ['cancelled', `runnable = true`, 'lifecycle'],
  ['cancelled', `leased_by = gen_random_uuid()`, 'lifecycle'],
  ['cancelled', `lease_expires_at = now()`, 'lifecycle'],
  ['cancelled', `result = 'late'`, 'lifecycle'],
  ['cancelled', `results = '{late}'`, 'lifecycle'],
  ['cancelled', `embedding = '{1}'`, 'lifecycle'],
  ['cancelled', `embeddings = '{{1}}'`, 'lifecycle'],
  ['rejected', `completed_at = null`, 'lifecycle'],
  ['rejected', `runnable = true`, 'lifecycle'],
  ['rejected', `leased_by = gen_random_uuid()`, 'lifecycle'],
  ['rejected', `lease_expires_at = now()`, 'lifecycle'],
  ['rejected', `result = 'late'`, 'lifecycle'],
  ['rejected', `results = '{late}'`, 'lifecycle'],
  ['rejected', `embedding = '{1}'`, 'lifecycle'],
  ['rejected', `embeddings = '{{1}}'`, 'lifecycle'],
  ['failed', `error = null`, 'lifecycle'],
  ['pending', 'priority = 0', 'values_in_range'],
  ['pending', 'priority = 11', 'values_in_range'],
  ['pending', 'retry_count = 4', 'values_in_range'],
  ['pending', 'retry_count = -1', 'values_in_range'],
  ['pending', 'max_retries = 101', 'values_in_range'],
  ['pending', 'lease_token = -1', 'values_in_range'],
  ['pending', 'cost_estimate = 0', 'values_in_range'],
  ['pending', `scheduled_at = 'infinity'`, 'values_in_range'],
  ['pending', `created_at = 'infinity'`, 'values_in_range'],
  ['pending', 'input_bytes = -1', 'values_in_range'],
  ['pending', `session_id = repeat('s', 201)`, 'values_in_range'],
  ['pending', `idempotency_key = repeat('k', 221)`, 'values_in_range'],
  ['pending', `traceparent = repeat('0', 56)`, 'values_in_range'],
  ['pending', `params = '[]'`, 'params_object'],
] as const;

test.each([...new Set(ILLEGAL.map(([status]) => status))])(
  'a %s row refuses what is illegal for it',
  async (status) => {
    expect(await superuser.rows('select from steadytext_queue where status = $1', [status])).toHaveLength(1);
    for (const [, change, constraint] of ILLEGAL.filter(([of]) => of === status))
      await expect(
        superuser.rows(`update steadytext_queue set ${change} where status = $1`, [status]),
        change,
      ).rejects.toMatchObject({
        code: '23514',
        constraint: `queue_${constraint}`,
      });
  },
);

test('every check constraint of the queue is tried above', async () => {
  const rows = await superuser.rows(
    `select conname from pg_constraint where conrelid = 'steadytext_queue'::regclass and contype = 'c' order by 1`,
  );
  const tried = new Set(ILLEGAL.map(([, , constraint]) => `queue_${constraint}`));
  expect(rows.map(({ conname }) => conname)).toEqual([...tried].sort());
});

test('a setting that could not be read is refused when it is written', async () => {
  for (const value of [
    'a while',
    '-1 day',
    '1 day ago',
    '0',
    '59 minutes',
    '101 years',
    '300000 years',
    '9999999 years',
    '-300000 years 109500001 days',
    'infinity',
  ]) {
    await expect(
      superuser.rows(
        `insert into steadytext_settings (name, value, default_value, unit, description, lowest, highest)
         values ('x', $1, '1 day', 'interval', 'x', null, null)`,
        [value],
      ),
    ).rejects.toMatchObject({ code: '23514', constraint: 'settings_value_fits_unit' });
  }
});
