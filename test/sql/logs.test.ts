// What is written down of a request that ended: one row in each log, true, and without any text.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();

test('the request log has tokens, times and outcome, the audit log who used what from where', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const id = await alice.value(`select steadytext_generate_async('hello', 10, seed => 7, temperature => 0.5)`);
  await worker.settle(await worker.claim({ generate: 1 }));
  const userId = await alice.value('select current_user_id()');

  const [log] = await superuser.rows('select * from steadytext_request_log');
  expect(log).toMatchObject({
    request_id: id,
    user_id: userId,
    request_type: 'generate',
    model: 'smollm2-135m-instruct',
    model_digest: 'sha256:test',
    outcome: 'completed',
    tokens_in: 3,
    tokens_out: 4,
    tokens_used: 7,
    duration_ms: 7,
    retry_count: 0,
    cache_hit: false,
    worker_id: worker.id,
  });
  expect(Number(log!.queue_wait_ms)).toBeGreaterThanOrEqual(0);

  const [audit] = await superuser.rows('select * from steadytext_audit_log');
  expect(audit).toMatchObject({
    request_id: id,
    user_id: userId,
    event_type: 'request_completed',
    function_name: 'steadytext_generate_async',
    result_size: 5,
    ip_address: '127.0.0.1',
    success: true,
    error_message: null,
    parameters: { input_length: 5, max_tokens: 10, seed: 7, temperature: 0.5, model: 'smollm2-135m-instruct' },
  });
  expect(audit!.timestamp.getTime()).toBe(log!.finished_at.getTime());
  expect(await alice.rows('select request_id from steadytext_usage')).toEqual([{ request_id: id }]);
});

test('a request has waited from when it was due, or made if that was later, until it was started', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  const due = await alice.value(`select steadytext_embed_async('due')`);
  const ancient = await alice.value(`select steadytext_embed_async('ancient', scheduled_at => '4713-01-02 BC')`);
  const never = await alice.value(`select steadytext_embed_async('never started')`);
  const claimed = await worker.claim({ embed: 2 });
  expect(claimed.map(({ request_id }) => request_id)).toEqual([ancient, due]);
  // Each ran for a minute; one was due 5 s before that and an hour after it was made, the other made 7 s before it.
  await superuser.rows(
    `update steadytext_queue set started_at = now() - interval '60 seconds',
    scheduled_at = case request_id when $1 then now() - interval '65 seconds' else scheduled_at end,
    created_at = now() - case request_id when $1 then '1 hour' else '67 seconds' end::interval where request_id <> $2`,
    [due, never],
  );
  await worker.settle(claimed);
  await superuser.rows(
    `update steadytext_queue set created_at = now() - interval '1 hour', scheduled_at = now() + interval '1 hour'
    where request_id = $1`,
    [never],
  );
  await alice.rows('select steadytext_cancel_async($1)', [never]);
  const waited = await superuser.rows('select request_id, queue_wait_ms::int from steadytext_request_log');
  expect(new Map(waited.map((row) => [row.request_id, row.queue_wait_ms]))).toEqual(
    new Map([
      [ancient, 7000],
      [due, 5000],
      [never, 0],
    ]),
  );
});

test('a failed and a cancelled request are written down too, one still to be retried is not', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await alice.rows(`select steadytext_embed_batch_async(array['a', 'b', 'c'])`);
  const [a, b, c] = await worker.claim({ embed: 3 });
  await worker.settle([a!], { outcome: 'failed', error: 'no such page' });
  await worker.settle([b!], { outcome: 'retry', error: 'later' });
  await alice.rows('select steadytext_cancel_async($1)', [c!.request_id]);
  const rows = await superuser.rows(
    `select l.outcome, l.worker_id, a.event_type, a.success, a.error_message, a.result_size
     from steadytext_request_log l join steadytext_audit_log a using (request_id) order by l.id`,
  );
  expect(rows).toEqual([
    {
      outcome: 'failed',
      worker_id: worker.id,
      event_type: 'request_failed',
      success: false,
      error_message: 'no such page',
      result_size: 0,
    },
    {
      outcome: 'cancelled',
      worker_id: worker.id,
      event_type: 'request_cancelled',
      success: false,
      error_message: null,
      result_size: 0,
    },
  ]);
});

test('no text of a user is in either log, only keyed hashes by which equal inputs can be told', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await alice.rows(`select steadytext_generate_async('canary prompt', eos_string => 'canary stop')`);
  await alice.rows(`select steadytext_generate_async('canary prompt')`);
  await alice.rows(`select steadytext_rerank_async('canary query', array['canary document'], 'canary task')`);
  await alice.rows(`insert into steadytext_queue (prompt, request_type, params, session_id)
    values ('canary direct', 'embed', '{}', 'canary session')`);
  await worker.settle(await worker.claim({ generate: 2, rerank: 1, embed: 1 }), { result: '["canary result"]' });
  for (const table of ['steadytext_request_log', 'steadytext_audit_log']) {
    const rows = await superuser.rows(`select t::text as row from ${table} t`);
    expect(rows).toHaveLength(4);
    expect(rows.filter(({ row }) => row.includes('canary'))).toEqual([]);
  }
  const hashes = await superuser.rows(
    `select parameters ->> 'input_hash' as hash from steadytext_audit_log order by id`,
  );
  expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(3);
  const plain = createHash('sha256').update('canary prompt').digest('hex');
  expect(hashes.filter(({ hash }) => hash === plain)).toEqual([]);
});

/** Whether an audit row's digest is that of its content. */
const INTACT = `digest = steadytext_private.audit_row_digest("timestamp", user_id, event_type, request_id, result_size, duration_ms, success,
  xid, steadytext_private.audit_text_digest(salt, parameters, ip_address, error_message), function_name)`;

test('every audit row carries the digest of its content and the transaction that wrote it', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await alice.rows(`select steadytext_embed_batch_async(array['a', 'b'])`);
  await worker.client.query('begin');
  const claimed = await worker.claim({ embed: 2 });
  await worker.settle(claimed.slice(0, 1));
  await worker.settle(claimed.slice(1), { outcome: 'failed', error: 'a tab\tin it' });
  const { rows } = await worker.client.query('select pg_current_xact_id()::text as xid');
  await worker.client.query('commit');
  const check = `select xid::text, ${INTACT} as intact from steadytext_audit_log order by id`;
  const intact = { xid: rows[0].xid, intact: true };
  expect(await superuser.rows(check)).toEqual([intact, intact]);
  await superuser.rows(`set timezone = 'Asia/Kolkata'`);
  expect(await superuser.rows(check)).toEqual([intact, intact]);
  await superuser.rows(`reset timezone`);
  await superuser.client.query(`set session_replication_role = replica;
    update steadytext_audit_log set error_message = 'mended' where not success; reset session_replication_role`);
  expect(await superuser.rows(check)).toEqual([intact, { ...intact, intact: false }]);
});

/** Arguments of audit_row_digest and of the digest of the text in it: a value, and another one that has to give another digest. */
const DIGESTED: readonly (readonly [type: string, value: string, other: string])[] = [
  ['timestamptz', '2026-01-02 03:04:05.678901+00', '2026-01-02 03:04:05.678902+00'],
  ['int', '7', '8'],
  ['text', 'request_completed', 'request_failed'],
  ['uuid', '019b7c5a-0000-7000-8000-000000000001', '019b7c5a-0000-7000-8000-000000000002'],
  ['int', '3', '4'],
  ['int', '5', '6'],
  ['boolean', 'true', 'false'],
  ['xid8', '12345', '12346'],
  ['bytea', '\\x0a0b', '\\x0a0c'],
  ['jsonb', '{"model": "m"}', '{"model": "n"}'],
  ['inet', '10.0.0.1', '10.0.0.2'],
  ['text', 'an error', 'another'],
  ['text', 'steadytext_embed_async', 'steadytext_rerank_async'],
];

async function digestOf(values: readonly (string | null)[]): Promise<string> {
  const superuser = await queue.superuser();
  const given = DIGESTED.map(([type], index) => `$${index + 1}::${type}`);
  const text = `steadytext_private.audit_text_digest(${given.slice(8, 12).join(', ')})`;
  const call = `steadytext_private.audit_row_digest(${[...given.slice(0, 8), text, given[12]].join(', ')})`;
  return (await superuser.value(`select encode(${call}, 'hex')`, values)) as string;
}

test('the digest of an audit row is this one, and each of its fields counts', async () => {
  const values: readonly (string | null)[] = DIGESTED.map(([, value]) => value);
  const sha256 = (head: readonly Buffer[], fields: readonly string[]) =>
    createHash('sha256')
      .update(Buffer.concat([...head, Buffer.from(fields.join('\t'))]))
      .digest();
  const text = sha256([Buffer.from('0a0b', 'hex')], ['{"model": "m"}', '10.0.0.1', 'an error']);
  // Microseconds since 2000.
  const time = Buffer.alloc(8);
  time.writeBigInt64BE(1_767_323_045_678_901n - 946_684_800_000_000n);
  const fields = ['7', 'request_completed', '019b7c5a-0000-7000-8000-000000000001', '3', '5', 't', '12345'];
  const digest = sha256([text, time], [...fields, 'steadytext_embed_async']).toString('hex');
  expect(await digestOf(values)).toBe(digest);
  const seen = new Set([digest]);
  // Time and salt are never null.
  const changes = DIGESTED.flatMap(([type, , other], index) =>
    (['timestamptz', 'bytea'].includes(type) ? [other] : [other, null]).map((value) => [index, value] as const),
  );
  for (const [index, value] of changes) seen.add(await digestOf(values.with(index, value)));
  expect(seen.size).toBe(1 + changes.length);
});

test('a settle that is rolled back leaves neither result nor log', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await alice.rows(`select steadytext_embed_async('a')`);
  const claimed = await worker.claim({ embed: 1 });
  await worker.client.query('begin');
  await worker.settle(claimed);
  await worker.client.query('rollback');
  expect(await alice.value('select status from steadytext_requests')).toBe('processing');
  expect(await superuser.value('select count(*)::int from steadytext_audit_log')).toBe(0);
  expect(await worker.settle(claimed)).toHaveLength(1);
});

test('a settle waits for the logs as long as it takes: its time limit is for rows that users hold', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const worker = await queue.worker();
  await alice.rows(`select steadytext_embed_async('a')`);
  const claimed = await worker.claim({ embed: 1 });
  const pid = (await worker.client.query('select pg_backend_pid() as pid')).rows[0].pid;
  await using holder = await queue.db.connect(queue.db.superuserUrl);
  await holder.query('begin');
  await holder.query('lock table steadytext_audit_log in share mode');
  let over = false;
  const settled = worker.settle(claimed).finally(() => {
    over = true;
  });
  const waits = `select count(*)::int > 0 from pg_stat_activity
    where pid = $1 and wait_event_type = 'Lock' and clock_timestamp() - query_start > interval '600 ms'`;
  try {
    await waitFor(
      async () => over || (await superuser.value(waits, [pid])),
      'a settle that waits longer than its limit',
    );
  } finally {
    await holder.query('commit');
  }
  expect(await settled).toMatchObject([{ status: 'completed' }]);
});

test('a retry is written down with the login that asked for it, and its digest holds', async () => {
  const alice = await queue.session('alice');
  const admin = await queue.session('admin', ['steadytext_admin']);
  const superuser = await queue.superuser();
  const id = await alice.value(`select steadytext_generate_async('canary')`);
  const logins: unknown[] = [];
  for (const who of [alice, admin]) {
    await alice.rows('select steadytext_cancel_async($1)', [id]);
    await who.rows('select steadytext_retry_async($1)', [id]);
    logins.push(await who.value('select session_user::text'));
  }
  const rows = await superuser.rows(
    `select request_id, user_id, function_name, success, ip_address, parameters, a::text as row, ${INTACT} as intact
     from steadytext_audit_log a where event_type = 'request_retried' order by id`,
  );
  const userId = await alice.value('select current_user_id()');
  expect(rows).toMatchObject(
    logins.map((login) => ({
      request_id: id,
      user_id: userId,
      function_name: 'steadytext_retry_async',
      success: true,
      ip_address: '127.0.0.1',
      parameters: { input_length: 6, retried_by: login },
      intact: true,
    })),
  );
  expect(rows.filter(({ row }) => row.includes('canary'))).toEqual([]);
});

test('a request that a trigger writes anew while it is settled is told of, and not left without its rows in the logs', async () => {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const superuser = await queue.superuser();
  await alice.rows(`select steadytext_generate_async('x')`);
  const claimed = await worker.claim({ generate: 1 });
  await superuser.rows(`create function touch() returns trigger language plpgsql as $$ begin
    update steadytext.steadytext_queue q set session_id = 'seen' where q.request_id = new.request_id; return null; end $$`);
  await superuser.rows(`create trigger touch after update on steadytext_queue for each row
    when (new.status = 'completed' and old.status = 'processing') execute function touch()`);
  await expect(worker.settle(claimed)).rejects.toMatchObject({ code: '27000' });
  await superuser.rows('drop trigger touch on steadytext_queue');
  expect(await worker.settle(claimed)).toHaveLength(1);
});
