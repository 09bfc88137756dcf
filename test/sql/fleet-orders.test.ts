// What administrators ask of the fleet from SQL: orders that workers answer, the pause that every claim sees, and who may ask.
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { useSideChannel } from './support/sync.ts';
import { EMBEDDING_MODEL, TEXT_MODEL, type WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
useSideChannel(queue);
const boss = () => queue.session('boss', ['steadytext_admin']);
const MB = 2 ** 20;

interface Order {
  readonly order_id: string;
  readonly what: string;
  readonly models: readonly string[] | null;
}

async function ordersOf({ client, id }: WorkerSession): Promise<Order[]> {
  const { rows } = await client.query('select steadytext_private.read_orders($1) as it', [id]);
  return rows[0].it.orders;
}

async function answer({ client, id }: WorkerSession, order: string, done: boolean, detail: string): Promise<void> {
  await client.query('select steadytext_private.answer_order($1, $2, $3, $4)', [id, order, done, detail]);
}

/** Answers the first order that comes. */
async function answerOne(worker: WorkerSession, done: boolean, detail: string): Promise<Order> {
  const order = await waitFor(async () => (await ordersOf(worker))[0], 'an order');
  await answer(worker, order.order_id, done, detail);
  return order;
}

async function living(): Promise<WorkerSession> {
  const worker = await queue.worker();
  await worker.beat(2048);
  return worker;
}

test('a preload gives what each worker answered, inside of the caller’s transaction', async () => {
  const admin = await boss();
  const [one, other] = [await living(), await living()];
  const answers = [answerOne(one, true, 'open: a'), answerOne(other, false, 'no engine is running')];
  await admin.rows('begin');
  const told = await admin.rows('select state, detail from steadytext_preload_models() order by state');
  await admin.rows('rollback');
  expect(told).toEqual([
    { state: 'done', detail: 'open: a' },
    { state: 'failed', detail: 'no engine is running' },
  ]);
  const [order] = await Promise.all(answers);
  expect(order).toMatchObject({ what: 'preload', models: [TEXT_MODEL, EMBEDDING_MODEL] });
  expect(await ordersOf(one)).toEqual([]);
  const superuser = await queue.superuser();
  expect(
    await superuser.rows(`select function_name, parameters ->> 'asked_by' as by from steadytext_audit_log`),
  ).toEqual([{ function_name: 'steadytext_preload_models', by: await admin.value('select current_user') }]);
});

test('a worker that does not answer is told as silent, and nothing waits for it without end', async () => {
  await living();
  expect(await (await boss()).rows('select state, detail from steadytext_unload_models(null, 1)')).toEqual([
    { state: 'silent', detail: 'no answer in time' },
  ]);
});

test('who waits no longer is through within a second, and its session goes on', async () => {
  await living();
  const admin = await boss();
  await admin.rows('set statement_timeout = 200');
  expect(await refusal(admin, 'select steadytext_unload_models()')).toMatchObject({ code: '57014' });
  expect(await admin.rows('select state from steadytext_unload_models(timeout_seconds => 0)')).toEqual([
    { state: 'asked' },
  ]);
  await admin.rows('reset statement_timeout');
});

test('an order is of one model or of all, for the workers that there are, until it expires', async () => {
  const admin = await boss();
  const worker = await living();
  await admin.rows(`select steadytext_unload_models('${TEXT_MODEL}', 0)`);
  await admin.rows('select steadytext_unload_models(timeout_seconds => 0)');
  const late = await living();
  expect(await ordersOf(late)).toEqual([]);
  const orders = await ordersOf(worker);
  expect(orders).toMatchObject([
    { what: 'unload', models: [TEXT_MODEL] },
    { what: 'unload', models: null },
  ]);
  await answer(worker, orders[0]!.order_id, true, 'x'.repeat(5000));
  await answer(worker, orders[0]!.order_id, false, 'again');
  await answer(worker, late.id, true, 'to nothing that was asked');
  const superuser = await queue.superuser();
  expect(await superuser.rows('select done, length(detail) from steadytext_private.order_answers')).toEqual([
    { done: true, length: 2000 },
  ]);
  await superuser.rows(`update steadytext_private.fleet_orders set expires_at = now() - interval '1 second'`);
  expect(await ordersOf(worker)).toEqual([]);
  await superuser.rows(`update steadytext_private.fleet_orders set expires_at = now() - interval '1 day'`);
  await worker.client.query('select steadytext_private.prune_requests()');
  expect(await superuser.value('select count(*) from steadytext_private.fleet_orders')).toBe('0');
});

test('without a worker nothing is asked, and that is said', async () => {
  const admin = await boss();
  const none = { worker: null, state: 'none', detail: 'no worker lives: nothing was asked' };
  expect(await admin.rows('select * from steadytext_preload_models()')).toEqual([none]);
  expect(await admin.rows('select * from steadytext_unload_models()')).toEqual([none]);
  expect(await (await queue.superuser()).value('select count(*) from steadytext_private.fleet_orders')).toBe('0');
  expect(await admin.value('select steadytext_daemon_start()')).toBe(false);
});

test('a paused fleet claims nothing, also by a worker that starts later, and goes on where it was', async () => {
  const admin = await boss();
  const alice = await queue.session('alice');
  const worker = await living();
  await alice.rows(`select steadytext_embed_async('begun', use_cache => false)`);
  const begun = await worker.claim({ embed: 5 });
  try {
    expect(await admin.value('select steadytext_daemon_stop()')).toBe(true);
    await alice.rows(`select steadytext_embed_async('waits', use_cache => false)`);
    expect(await worker.claim({ embed: 5 })).toEqual([]);
    expect(await (await living()).claim({ embed: 5 })).toEqual([]);
    expect(await worker.settle(begun)).toMatchObject([{ status: 'completed' }]);
    expect(await alice.rows('select distinct state from steadytext_system_status()')).toEqual([{ state: 'paused' }]);
    expect(await alice.value('select status from steadytext_daemon_status()')).toBe('paused');
    expect(await alice.rows('select status, details from check_daemon_health()')).toMatchObject([
      { status: 'WARNING', details: { paused: true } },
    ]);
    expect(await admin.value(`select steadytext_config_get('enable_daemon')`)).toBe('false');
  } finally {
    expect(await admin.value('select steadytext_daemon_start()')).toBe(true);
  }
  expect((await worker.claim({ embed: 5 })).map(({ prompt }) => prompt)).toEqual(['waits']);
  const events = await (await queue.superuser()).rows(
    `select event_type from steadytext_audit_log where event_type ~ '^(fleet|setting)' order by id`,
  );
  expect(events.map(({ event_type }) => event_type)).toEqual(
    ['fleet_paused', 'fleet_resumed'].flatMap((event) => ['setting_changed', event]),
  );
});

test('bounds of settings reach workers in octets, and 0 is none', async () => {
  const admin = await boss();
  const worker = await queue.worker();
  const bounds = async () =>
    (await worker.client.query('select steadytext_private.read_orders($1) as it', [worker.id])).rows[0].it.bounds;
  expect(await bounds()).toEqual({ engine_models: null, worker_models: null, request: null });
  await admin.rows(`select steadytext_config_set('max_model_memory', '4GB'), steadytext_config_set('model_memory_limit', '8 GB'),
    steadytext_config_set('max_memory_per_request', '256MB')`);
  expect(await bounds()).toEqual({ engine_models: 4096 * MB, worker_models: 8192 * MB, request: 256 * MB });
  for (const name of ['max_model_memory', 'model_memory_limit', 'max_memory_per_request'])
    await admin.rows(`select steadytext_config_reset('${name}')`);
});

test('manage_model_memory asks each worker by the memory of its machine, and once', async () => {
  const admin = await boss();
  const beat = async (freeMb: number, resident: boolean) => {
    const worker = await queue.worker();
    const model = { name: TEXT_MODEL, resident, bytes: MB };
    await worker.beat(2048, {
      engines: [{ state: 'ready', models: [model] }],
      machine: { totalBytes: 8000 * MB, freeBytes: freeMb * MB },
    });
    return worker;
  };
  const scarce = await beat(999, true);
  const plenty = await beat(4001, false);
  const others = [await beat(999, false), await beat(4001, true), await beat(2000, true), await beat(2000, false)];
  for (const _ of ['once', 'again']) await admin.rows('select manage_model_memory()');
  expect(await ordersOf(scarce)).toMatchObject([{ what: 'unload', models: null }]);
  expect(await ordersOf(plenty)).toMatchObject([{ what: 'preload', models: [TEXT_MODEL, EMBEDDING_MODEL] }]);
  for (const other of others) expect(await ordersOf(other)).toEqual([]);
});

const CALLS = ['preload models', 'unload models', 'pause fleet', 'resume fleet', 'fit models'];

test.each(CALLS)('a writer that hands on "%s" itself is refused', async (call) => {
  const alice = await queue.session('alice');
  expect(await refusal(alice, 'insert into steadytext_private.calls (call) values ($1)', [call])).toMatchObject({
    code: '42501',
    hint: expect.stringContaining('steadytext_admin'),
  });
});

test.each([
  [`steadytext_preload_models('')`, 'ST003', 'Model should be one that is registered, but "" is not'],
  [`steadytext_unload_models('gpt-9')`, 'ST003', 'Model should be one that is registered, but "gpt-9" is not'],
  [`steadytext_preload_models(repeat('m', 5000))`, 'ST003', /^Model should be one that is registered, but "m{100}" is/],
  ['steadytext_preload_models(null, null)', 'ST004', /^timeout_seconds should be .* 0 to 3600, but is null$/],
  ['steadytext_unload_models(null, -1)', 'ST004', /^timeout_seconds should be .*, but is -1$/],
  ['steadytext_unload_models(null, 3601)', 'ST004', /^timeout_seconds should be .*, but is 3601$/],
] as const)('%s is refused', async (call, code, message) => {
  await living();
  const refused = await refusal(await boss(), `select ${call}`);
  expect(refused).toMatchObject({ code, hint: expect.any(String) });
  expect(refused.message).toMatch(message);
});

test('what is asked through the side channel counts only with our signature, and at once', async () => {
  const superuser = await queue.superuser();
  const forged = `'{"what": "unload", "at": 0}'`;
  expect(await refusal(superuser, `select steadytext_private.sync_answers(gen_random_uuid(), 'x', 0)`)).toMatchObject({
    code: '28000',
  });
  for (const mac of [`'x'`, `steadytext_private.sync_mac('enqueue', ${forged})`])
    expect(await superuser.value(`select steadytext_private.sync_order(${forged}, ${mac})`)).toMatchObject({
      error: { sqlstate: '28000' },
    });
  const signed = `steadytext_private.sync_order(${forged}, steadytext_private.sync_mac('order', ${forged}))`;
  expect(await superuser.value(`select ${signed}`)).toMatchObject({ error: { sqlstate: 'ST012' } });
  expect(await superuser.value('select count(*) from steadytext_private.fleet_orders')).toBe('0');
});
