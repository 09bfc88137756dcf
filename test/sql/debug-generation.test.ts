// debug_generation step by step; whether the side channel that it goes through works; and words in its place where it does not.
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { useServedDigest } from './support/cached.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';

const queue = useQueue();
useSideChannel(queue);
useServedDigest(queue);

let alice: Session;
beforeEach(async () => {
  alice ??= await queue.session('alice');
});

const steps = async (call: string) => {
  const rows = await alice.rows(`select * from debug_generation(${call})`);
  expect(rows.every(({ duration_ms }) => typeof duration_ms === 'number' && duration_ms >= 0)).toBe(true);
  return Object.fromEntries(rows.map(({ step, details }) => [step, details]));
};

test('each step is told with its time: the first time with a generation, the second from the cache', async () => {
  await (await queue.worker()).beat(2048, { digest: 'sha256:test' });
  await using _ = await answering(queue);
  const key = await alice.value(`select steadytext_cache_key('generation', 'hello', 512)`);
  expect(await steps(`'hello'`)).toEqual({
    'Input validation': { prompt_length: 5, max_tokens: 512 },
    'Cache check': { cache_hit: false, cache_key: key },
    'Model check': { model_loaded: false, workers: 1 },
    Generation: { result_length: 5 },
    Total: { success: true },
  });
  const again = await steps(`'hello'`);
  expect(Object.keys(again)).toEqual(['Input validation', 'Cache check', 'Model check', 'Total']);
  expect(again).toMatchObject({ 'Cache check': { cache_hit: true }, Total: { success: true } });
});

test.each([
  [`''`, 'P0001', 'Prompt cannot be empty'],
  ['null', 'P0001', 'Prompt cannot be null'],
  [`'x', 0`, 'P0001', 'max_tokens must be between 1 and 4096'],
  [`'x', 4097`, 'P0001', 'Token limit too high: 4097'],
  [`repeat('x', 100001)`, 'P0001', 'Prompt too long: 100001 characters'],
  [`'drop table people'`, 'P0001', 'Potentially malicious prompt detected'],
])('of %s the first step says what is wrong, and the total that it failed', async (call, sqlstate, message) => {
  const told = await steps(call);
  expect(told['Input validation']).toMatchObject({ error: { sqlstate, message, hint: expect.any(String) } });
  expect(Object.keys(told)).toEqual(['Input validation', 'Total']);
  expect(told.Total).toEqual({ success: false });
});

test('without a worker nothing is generated and nothing waits', async () => {
  const told = await steps(`'nobody answers'`);
  expect(told['Model check']).toEqual({ model_loaded: false, workers: 0 });
  expect(told.Generation).toMatchObject({ error: { message: 'No worker serves the default text model' } });
  expect(told.Total).toEqual({ success: false });
  expect(await alice.value('select count(*)::int from steadytext_requests')).toBe(0);
});

test('a generation that fails is told in its step', async () => {
  await (await queue.worker()).beat(2048);
  await using _ = await answering(queue, () => ({ outcome: 'failed', error: 'too hot' }));
  const told = await steps(`'hello'`);
  expect(told.Generation).toMatchObject({ error: { sqlstate: 'P0001', message: 'Request failed: too hot' } });
  expect(told.Total).toEqual({ success: false });
});

test('the check of the side channel says whether it works', async () => {
  const superuser = await queue.superuser();
  const check = async () =>
    (
      await superuser.rows(`select status, recommendation from diagnose_steadytext() where check_name = 'Side Channel'`)
    )[0];
  expect(await check()).toEqual({ status: 'OK', recommendation: 'No action needed' });
  await superuser.rows('begin');
  await superuser.rows(`alter server steadytext_private_sync options (set port '1')`);
  const broken = await check();
  await superuser.rows('rollback');
  expect(broken).toEqual({ status: 'ERROR', recommendation: expect.stringMatching(/setup sync/) });
});

test('with enable_fallback a text is words of no model where there is no side channel, and it is told', async () => {
  const superuser = await queue.superuser();
  const rename = (from: string, to: string) => superuser.rows(`alter server ${from} rename to ${to}`);
  await rename('steadytext_private_sync', 'away');
  onTestFinished(async () => {
    await rename('away', 'steadytext_private_sync');
    await superuser.rows(`select steadytext_config_reset('enable_fallback')`);
  });
  expect(await refusal(alice, `select steadytext_generate('hello')`)).toMatchObject({ code: 'ST012' });
  await superuser.rows(`select steadytext_config_set('enable_fallback', 'on')`);
  const notices: unknown[] = [];
  alice.client.on('notice', ({ severity, message }) => notices.push([severity, message]));
  const text = await alice.value(`select steadytext_generate('hello', 12)`);
  expect(text).toMatch(/^No model was there to answer this\.( [a-z]+){5}$/);
  expect(await alice.value(`select steadytext_generate('hello', 12)`)).toBe(text);
  expect(await alice.value(`select steadytext_generate('goodbye', 12)`)).not.toBe(text);
  expect(notices[0]).toEqual([
    'WARNING',
    expect.stringMatching(/^No model made this text, since enable_fallback is on/),
  ]);
  expect(await alice.value('select count(*)::int from steadytext_requests'), 'nothing was enqueued or kept').toBe(0);
  for (const call of [
    `steadytext_generate('')`,
    `steadytext_generate_choice('x', '{a,b}')`,
    `steadytext_generate_json('x', '{"type": "object"}')`,
    `steadytext_embed('x')`,
  ])
    expect(await refusal(alice, `select ${call}`), call).toMatchObject({ code: 'ST012' });
});
