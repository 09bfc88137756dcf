// Prompts that one worker has no room for: another one completes them, and this one leaves such to it.

import { describe, expect, test } from 'vitest';
import { HandOver } from '../../workers/fleet/hand-over.ts';
import { HeldRequests } from '../../workers/fleet/held-requests.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { dispatching } from './support/dispatching.ts';
import { echoEngine } from './support/echo-engine.ts';
import { generation, kept, until } from './support/parts.ts';
import { startTestWorker } from './support/worker.ts';

const MODEL = 'smollm2-135m-instruct';
const KIND = { requestType: 'generate', model: MODEL, room: 3, largest: 768, largeRoom: 2 };

/** Hands over with a clock of its own; `taken` says whether another worker has more room. */
function handingOver(taken: () => boolean = () => true) {
  const held = new HeldRequests();
  const { log, lines } = kept();
  const ended: string[] = [];
  let now = 0;
  const handOver = new HandOver({
    handOver: async (some) => new Set(taken() ? some.map(({ requestId }) => requestId) : []),
    held,
    log,
    isLarge: ({ request }) => request.inputTokens > KIND.largest,
    end: ({ requestId }) => ended.push(requestId),
    now: () => now,
  });
  return {
    within: (kind: Partial<typeof KIND> = {}) => handOver.within({ ...KIND, ...kind }),
    lines,
    ended,
    lose: () => {
      for (const one of held.all()) held.remove(one);
    },
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
    refused: (inputTokens: number) =>
      handOver.take(held.add(generation('long', { inputTokens })), { outcome: 'failed', error: 'no room' }),
  };
}

describe('what is as long as what was handed over', () => {
  test('is left to others for ten seconds, the shortest counts, and places for large ones stay as many', async () => {
    const { within, refused, pass } = handingOver();
    await refused(1500);
    expect(within()).toEqual({ ...KIND, room: 2, largest: 1499, largeRoom: 0 });
    expect(within({ largeRoom: 0 })).toEqual({ ...KIND, largeRoom: 0 });
    expect(within({ model: 'another' })).toEqual({ ...KIND, model: 'another' });
    await refused(900);
    await refused(2000);
    expect(within()).toEqual({ ...KIND, room: 2, largest: 899, largeRoom: 0 });
    pass(9.9);
    expect(within()).toEqual({ ...KIND, room: 2, largest: 899, largeRoom: 0 });
    pass(0.2);
    expect(within()).toEqual(KIND);
    await refused(2000);
    expect(within().largest).toBe(1999);
  });

  test('is not what looks short: one of a long pattern or of dense text keeps no others away', async () => {
    const { within, refused } = handingOver();
    await refused(15);
    await refused(768);
    expect(within()).toEqual(KIND);
  });

  test('is not looked for because one that was handed over is no longer ours', async () => {
    let larger = true;
    const { within, refused, lose } = handingOver(() => larger);
    await refused(1500);
    larger = false;
    const cancelled = refused(1600);
    lose();
    await cancelled;
    expect(within().largest).toBe(1499);
  });

  test('fails here, all of it, as soon as no other worker has more room', async () => {
    let larger = true;
    const { within, refused, ended } = handingOver(() => larger);
    await refused(1500);
    larger = false;
    await refused(1600);
    expect([ended.length, within()]).toEqual([1, KIND]);
  });

  test('is not claimed, and what is shorter is', async () => {
    const { dispatcher, handedOver } = await dispatching({ room: 10, roomElsewhere: () => true });
    const long = generation('abcdefghijkl', { inputTokens: 900 });
    const demand = () => dispatcher.demands().find(({ requestType }) => requestType === 'generate');
    expect(demand()).toMatchObject({ limit: 1, largest: 768, largeLimit: 1 });
    dispatcher.accept([long]);
    await until('it is handed over', () => handedOver.length === 1);
    expect(demand()).toMatchObject({ limit: 1, largest: 899, largeLimit: 0 });
  });
});

test('hand-overs are told once a minute, with how many they were', async () => {
  const { refused, pass, lines } = handingOver();
  for (let i = 0; i < 3; i++) await refused(1000);
  pass(59);
  await refused(1000);
  pass(2);
  await refused(1000);
  expect(lines).toMatchObject([
    { level: 'warn', msg: 'request handed over', reason: 'no room', requests: 1 },
    { level: 'warn', msg: 'request handed over', reason: 'no room', requests: 4 },
  ]);
});

describe('a worker with little room', () => {
  const database = useDatabase();
  const look = async (text: string, values: readonly unknown[] = []) =>
    await database.query(database.superuserUrl, text, values);
  const roomy = { startEngine: async () => echoEngine({ room: 5000 }) };
  const small = { startEngine: async () => echoEngine({ room: 500 }) };
  const ask = async (what: string, values: readonly unknown[] = []) =>
    (await database.query(await database.login(['steadytext_writer']), `select ${what} as id`, values))[0].id;
  const LARGER = '01234567-0123-7123-8123-0123456789ab';
  const LONG = `steadytext_generate_batch_async(array(select repeat('x', 4000) || i from generate_series(1, 8) i))`;
  const passedOn = async (ids: string[]) =>
    (
      await look(
        `select count(*)::int as n from steadytext_queue where request_id = any ($1) and scheduled_at > created_at`,
        [ids],
      )
    )[0].n;
  const fates = async (ids: string[]) =>
    await look(
      'select distinct status, retry_count, error from steadytext_queue where request_id = any ($1) order by error',
      [ids],
    );
  const allEnd = async (ids: string[]) => {
    const text = 'select from steadytext_queue where request_id = any ($1) and completed_at is null';
    await waitFor(async () => (await look(text, [ids])).length === 0, 'all to end');
  };

  test('hands over one of many that are too long, goes on with others, and one with more room completes them', async () => {
    await startTestWorker(database, small);
    // Known before it claims, so that the small one gets them all first.
    const larger = [{ name: MODEL, kind: 'text', digest: 'a'.repeat(64), max_tokens: 5000, dimension: null }];
    const beat = () =>
      look(`select steadytext_private.heartbeat_worker($1, 'running', 'host', 1, '0', '[]', $2)`, [
        LARGER,
        JSON.stringify(larger),
      ]);
    await beat();
    const ids: string[] = await ask(LONG);
    const never: string = await ask(`steadytext_generate_async(repeat('x', 6000))`);
    await waitFor(async () => (await passedOn(ids)) > 0, 'the small one to hand one over');
    await allEnd(await ask(`steadytext_generate_batch_async(array['a', 'b', 'c'])`));
    // One each ten seconds, which a busy machine may take for the three.
    expect(await passedOn([...ids, never])).toBeLessThanOrEqual(2);
    await beat();
    await startTestWorker(database, roomy);
    await allEnd([...ids, never]);
    expect(await fates(ids)).toEqual([{ status: 'completed', retry_count: 0, error: null }]);
    expect(await fates([never])).toEqual([
      { status: 'failed', retry_count: 0, error: 'EngineTooSmall: expected less than 5000 letters, 6000 came' },
    ]);
  });

  test('fails no long prompt while the one with room for them is started anew', async () => {
    await look('delete from steadytext_workers');
    const before = await startTestWorker(database, roomy);
    await startTestWorker(database, small);
    await before.drain();
    const ids: string[] = await ask(LONG);
    await waitFor(async () => (await passedOn(ids)) > 0, 'the small one to hand one over');
    await startTestWorker(database, roomy);
    await allEnd(ids);
    expect(await fates(ids)).toEqual([{ status: 'completed', retry_count: 0, error: null }]);
  });
});
