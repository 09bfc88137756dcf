// The page's trigger on a user's own table, texts in the log where they are wanted, and refusals that outlive their transactions.
import { beforeAll, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { type Row, type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { useSealing } from './support/sealing.ts';
import { useSideChannel } from './support/sync.ts';

const queue = useQueue();
useSideChannel(queue);
const sealing = useSealing(queue);
let alice: Session;
let role: string;

beforeAll(async () => {
  alice = await queue.session('alice');
  role = (await alice.value('select session_user::text')) as string;
  await (await queue.superuser()).rows(`create schema own authorization ${role}`);
});

const full = (value: string) =>
  sealing.superuser.rows(`update steadytext_settings set value = $1 where name = 'audit_full_text'`, [value]);
const rows = (event: string) =>
  sealing.superuser.rows('select * from steadytext_audit_log where event_type = $1 order by id', [event]);

test('each row of a table of one’s own is in the log, by lengths and hashes, with the page’s columns', async () => {
  await alice.rows(
    `create table own.calls (id int, result text, tags jsonb, created_at timestamptz default now() - interval '2 s')`,
  );
  await alice.rows(`create trigger used after insert or update on own.calls for each row
    execute function audit_steadytext_usage('my_application')`);
  await alice.rows(`insert into own.calls (id, result, tags) values (1, 'canary', '["canary"]'), (2, 'canary', null)`);
  const [first, second] = await rows('usage_reported');
  expect(first).toMatchObject({
    user_id: await alice.value('select current_user_id()'),
    function_name: 'my_application',
    result_size: 6,
    ip_address: '127.0.0.1',
    parameters: { id: 1, result: { length: 6, hash: expect.stringMatching(/^[0-9a-f]{64}$/) }, tags: { length: 10 } },
  });
  expect(first!.duration_ms).toBeGreaterThanOrEqual(2000);
  expect(second!.parameters).toMatchObject({ result: first!.parameters.result, tags: null });
  expect(JSON.stringify([first, second])).not.toContain('canary');
  const page = `select id, timestamp, user_id, function_name, parameters, result_size, duration_ms, ip_address from steadytext_audit_log`;
  expect(await (await queue.session('auditor', ['steadytext_auditor'])).rows(page)).toHaveLength(2);
  await full('true');
  await alice.rows(`update own.calls set result = 'canary 2' where id = 1`);
  await full('false');
  expect((await rows('usage_reported')).at(-1)!.parameters).toMatchObject({ id: 1, result: 'canary 2' });
  await alice.rows(
    `create trigger all_at_once after delete on own.calls for each statement execute function audit_steadytext_usage('x')`,
  );
  expect(await refusal(alice, 'delete from own.calls')).toMatchObject({
    message: expect.stringMatching(/each row of insert or update/),
  });
});

test('with audit_full_text requests are logged as they are, and no more when it is off again', async () => {
  const { worker } = sealing;
  for (const value of ['true', 'false']) {
    await full(value);
    await alice.rows(`select steadytext_rerank_async('canary', array['a document'])`);
    await worker.settle(await worker.claim({ rerank: 1 }), { result: '[]' });
  }
  const [whole, hashed] = await rows('request_completed');
  expect(whole!.parameters).toMatchObject({ input: 'canary', input_length: 6, params: { documents: ['a document'] } });
  expect(JSON.stringify(hashed!.parameters)).not.toMatch(/canary|a document/);
  await sealing.all();
  expect(await sealing.verdict()).toMatchObject({ intact: true });
});

/** Moved into the log once their second is over, which is now. */
async function refusals(count: number): Promise<Row[]> {
  await sealing.superuser.rows(`update steadytext_private.refusals set refused_at = refused_at - interval '2 s'`);
  await waitFor(async () => {
    await sealing.seal();
    return (await sealing.superuser.value('select count(*)::int from steadytext_private.refusals')) === 0;
  }, 'refusals to be logged');
  const logged = await rows('request_refused');
  expect(logged.reduce((sum, { parameters }) => sum + parameters.calls, 0)).toBe(count);
  return logged;
}

const LONG = `repeat('x', 100001)`;

test.each([
  ['too long a prompt', `steadytext_generate_async(${LONG})`, /at most 100000 characters/],
  ['too large a batch', `steadytext_embed_batch_async(array_fill('x'::text, array[10001]))`, /Batch size exceeds/],
  [
    'too many bytes',
    `steadytext_rerank_async('q', array_fill(repeat('x', 2000), array[600]))`,
    /bytes of input and options/,
  ],
  ['a provider’s model that is not meant', `steadytext_generate_async('x', model => 'far:away')`, /unsafe_mode/],
  ['too long a prompt of a synchronous call', `steadytext_generate(${LONG})`, /at most 100000 characters/],
])('%s is refused, and in the log although the transaction is taken back', async (_, call, message) => {
  await alice.rows('begin');
  expect(await refusal(alice, `select ${call}`)).toMatchObject({ message: expect.stringMatching(message) });
  await alice.rows('rollback');
  const [row] = await refusals(1);
  expect(row).toMatchObject({
    user_id: await alice.value('select current_user_id()'),
    success: false,
    error_message: expect.stringMatching(message),
    parameters: { asked_by: role, calls: 1 },
  });
});

test('many refused calls are few rows: one a role and second', async () => {
  const bob = await queue.session('bob');
  const calls = Array.from({ length: 12 }, (_, i) =>
    refusal(i % 2 ? alice : bob, `select steadytext_embed_async(${LONG})`),
  );
  await Promise.all(calls);
  const logged = await refusals(12);
  expect(logged.length).toBeLessThan(12);
  expect(new Set(logged.map(({ parameters }) => parameters.asked_by)).size).toBe(2);
});

test('a call that makes no sense is no refusal, and one without a side channel is refused as before', async () => {
  await refusal(alice, `select steadytext_generate_async('')`);
  await refusal(alice, `select steadytext_generate_async('x', -1)`);
  expect(await sealing.superuser.value('select count(*)::int from steadytext_private.refusals')).toBe(0);
  await sealing.superuser.rows('alter server steadytext_private_sync rename to away');
  expect(await refusal(alice, `select steadytext_embed_async(${LONG})`)).toMatchObject({ code: 'ST009' });
  await sealing.superuser.rows('alter server away rename to steadytext_private_sync');
  expect(await rows('request_refused')).toEqual([]);
});

test('a default model that is set by hand and a model that is deleted are in the log, with who did it and why', async () => {
  const admin = await queue.session('admin', ['steadytext_admin']);
  await sealing.superuser.rows(`insert into steadytext_models (name, kind) values ('spare', 'text')`);
  await admin.rows(`begin; set local steadytext.audit_reason = 'ticket 9';
    update steadytext_models set is_default = false where name = 'smollm2-135m-instruct';
    delete from steadytext_models where name = 'spare'; commit`);
  await admin.rows(`select steadytext_set_default_model('smollm2-135m-instruct')`);
  const by = { asked_by: await admin.value('select session_user::text') };
  const hand = { ...by, reason: 'ticket 9', kind: 'text' };
  expect((await rows('default_model_set')).map(({ parameters }) => parameters)).toEqual([
    { ...hand, model: 'smollm2-135m-instruct', before: true, after: false },
    { ...by, kind: 'text', model: 'smollm2-135m-instruct', before: null },
  ]);
  expect((await rows('model_deleted')).map(({ parameters }) => parameters)).toEqual([
    { ...hand, model: 'spare', before: false, after: null },
  ]);
});
