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
  await alice.rows(`select steadytext_cancel_async(request_id) from steadytext_queue where prompt = 'cancelled'`);
  await alice.rows(`select steadytext_rerank_async('processing', array['x'])`);
  await worker.claim({ rerank: 1 });
});

const ILLEGAL = [
  ['pending', `status = 'sleeping', runnable = false`, 'status_known'],
  ['pending', `status = 'completed', runnable = false`, 'completed_at_when_final'],
  ['pending', 'completed_at = now()', 'completed_at_when_final'],
  ['completed', 'completed_at = null', 'completed_at_when_final'],
  ['completed', `status = 'pending', result = null, embedding = null`, 'completed_at_when_final'],
  ['pending', 'leased_by = gen_random_uuid()', 'lease_when_processing'],
  ['pending', 'lease_expires_at = now()', 'lease_when_processing'],
  ['processing', 'leased_by = null', 'lease_when_processing'],
  ['processing', 'lease_expires_at = null', 'lease_when_processing'],
  ['processing', `status = 'pending'`, 'lease_when_processing'],
  ['processing', 'started_at = null', 'started_when_processing'],
  ['processing', 'runnable = true', 'runnable_when_pending'],
  ['failed', 'runnable = true', 'runnable_when_pending'],
  ['pending', `result = 'early'`, 'result_when_completed'],
  ['cancelled', `embedding = '{1}'`, 'result_when_completed'],
  ['failed', 'error = null', 'error_when_failed'],
  ['pending', 'priority = 0', 'priority_in_range'],
  ['pending', 'priority = 11', 'priority_in_range'],
  ['pending', 'retry_count = 4', 'retries_in_range'],
  ['pending', 'retry_count = -1', 'retries_in_range'],
  ['pending', 'max_retries = 101', 'retries_in_range'],
  ['pending', 'lease_token = -1', 'lease_token_counts'],
  ['pending', 'cost_estimate = 0', 'cost_positive'],
  ['pending', `scheduled_at = 'infinity'`, 'scheduled_at_finite'],
  ['pending', `created_at = 'infinity'`, 'created_at_finite'],
  ['pending', 'input_bytes = -1', 'input_bytes_counts'],
  ['pending', `session_id = repeat('s', 201)`, 'session_id_short'],
  ['pending', `idempotency_key = repeat('k', 221)`, 'idempotency_key_short'],
  ['pending', `traceparent = repeat('0', 56)`, 'traceparent_short'],
  ['pending', `params = '[]'`, 'params_object'],
] as const;

test.each(ILLEGAL)('a %s row refuses %s', async (status, change, constraint) => {
  await expect(
    superuser.rows(`update steadytext_queue set ${change} where status = $1`, [status]),
  ).rejects.toMatchObject({
    code: '23514',
    constraint: `queue_${constraint}`,
  });
});

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
      superuser.rows(`update steadytext_settings set value = $1 where name = 'queue_retention'`, [value]),
    ).rejects.toMatchObject({ code: '23514', constraint: 'settings_value_fits_unit' });
  }
});
