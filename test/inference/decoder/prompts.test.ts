// Who is read when: a short prompt does not wait for a long one, and never stops it; what both begin with is read once.

import { afterAll, expect, test } from 'vitest';
import { BLOCK } from '../../../workers/inference/decoder/kv-cache.ts';
import { generation, openLoops } from './support/loops.ts';

const { start, close } = await openLoops();
afterAll(close);

/** Tokens that count on by seven: where that goes on, guesses are right. */
const countedOn = (length: number) => Array.from({ length }, (_, i) => (i * 7) % 50);

test('a short prompt is read between the chunks of a long one, and is answered before that is read', async () => {
  const loop = start();
  const [long, short] = [generation(1, 20), generation(2, 2)];
  loop.add(long);
  await loop.turn();
  loop.add(short);
  let answered = Number.POSITIVE_INFINITY;
  short.ended.promise.then(() => {
    answered = loop.chunks.length;
  });
  await loop.finish();
  expect(loop.chunks.slice(0, 6)).toEqual(['1:0', '1:1', '2:0', '1:2', '2:1', '1:3']);
  expect(answered).toBeLessThan(10);
});

test('a row of short ones takes every second chunk and no more', async () => {
  const loop = start();
  loop.add(generation(1, 10), ...Array.from({ length: 8 }, (_, i) => generation(2 + i, 1, { limit: 2 })));
  await loop.finish();
  const long = loop.chunks.flatMap((chunk, turn) => (chunk.startsWith('1:') ? [turn] : []));
  for (const [i, turn] of long.slice(1).entries()) expect(turn - long[i]!).toBeLessThanOrEqual(2);
  expect(loop.chunks.slice(0, 5)).toEqual(['1:0', '1:1', '2:0', '1:2', '3:0']);
});

test('one that has more than half of what is left of another waits; a shorter one comes beside both', async () => {
  const loop = start();
  loop.add(generation(1, 12), generation(2, 8), generation(3, 4), generation(4, 3), generation(5, 1));
  await loop.finish();
  const begun = loop.chunks.filter((chunk) => chunk.endsWith(':0')).map((chunk) => chunk.split(':')[0]);
  // 8 of 12 is too much, 4 is not; 3 of those 4 is too much, 1 is not.
  expect(begun).toEqual(['1', '3', '5', '4', '2']);
  expect(loop.chunks.indexOf('4:0')).toBeGreaterThan(loop.chunks.indexOf('3:3'));
});

test('those that a long prompt keeps waiting are not passed by shorter ones: they could not come anyway', async () => {
  const loop = start();
  loop.add(generation(1, 20), generation(2, 20));
  loop.add(...Array.from({ length: 9 }, (_, i) => generation(3 + i, 1, { limit: 1 })));
  await loop.finish();
  expect(loop.chunks.indexOf('11:0')).toBeLessThan(loop.chunks.indexOf('1:19'));
});

test('there is a place for it, or it waits: a prompt that is being read counts as one that runs', async () => {
  const loop = start({ slots: 1 });
  loop.add(generation(1, 6), generation(2, 1));
  await loop.finish();
  expect(loop.chunks.indexOf('2:0')).toBe(6);
});

test('where both begin in the same way, the short one waits for those chunks and copies them', async () => {
  const before = Array.from({ length: 3 * BLOCK }, () => 40);
  const run = async (prefixTokens: number) => {
    const loop = start({ prefixTokens });
    loop.add(generation(1, 12, { before }), generation(2, 1, { before }));
    const outputs = await loop.finish();
    return { chunks: loop.chunks, outputs, tokens: loop.loop.promptTokens };
  };
  const [shared, apart] = [await run(2048), await run(0)];
  expect(shared.chunks.slice(0, 5)).toEqual(['40:0', '40:1', '40:2', '1:3', '2:3']);
  expect(shared.tokens).toEqual({ read: 16 * BLOCK, reused: 3 * BLOCK });
  // Nothing is kept and nothing copied: there is nothing to wait for.
  expect(apart.chunks.slice(0, 4)).toEqual(['40:0', '40:1', '40:0', '40:2']);
  expect(shared.outputs).toEqual(apart.outputs);
});

test('one whose beginning is known is as short as what is left of it, be it known from a slot or kept', async () => {
  const before = Array.from({ length: 10 * BLOCK }, () => 40);
  for (const from of ['slot', 'kept']) {
    const loop = start({ prefixTokens: 2048 });
    const first = generation(2, 1, { before, limit: from === 'slot' ? 40 : 1 });
    loop.add(first);
    while (first.last < 0) await loop.turn();
    loop.add(generation(1, 12));
    await loop.turn(3);
    // As is one that has to wait for the long one, and would be passed by shorter ones only.
    loop.add(generation(4, 11), generation(3, 2, { before }));
    await loop.finish();
    // 12 chunks of those 9 that are left of the other would be too much, 2 are not.
    expect(loop.chunks.slice(11, 19)).toEqual(['1:0', '1:1', '1:2', '1:3', '3:10', '1:4', '3:11', '1:5']);
  }
});

test('what one was reckoned to have known is copied before anybody can come to need its room', async () => {
  const before = Array.from({ length: 10 * BLOCK }, () => 40);
  const loop = start({ cacheTokens: 26 * BLOCK, prefixTokens: 26 * BLOCK });
  loop.add(generation(2, 0, { before }));
  await loop.finish();
  loop.add(...Array.from({ length: 12 }, (_, i) => generation(5 + i, 1)));
  await loop.finish();
  loop.add(generation(1, 12));
  await loop.turn(4);
  // All is taken: the next chunk of the long one makes the oldest go that is kept.
  expect(loop.loop.takenTokens).toBe(26 * BLOCK);
  loop.add(generation(4, 1, { before }));
  await loop.finish();
  expect(loop.chunks.slice(-9, -6)).toEqual(['1:4', '4:10', '1:5']);
});

test('where those that run come to need the room of two prompts, the newest gives way, and all come to the same answers', async () => {
  let gaveWay = 0;
  const run = async (cacheTokens: number, prefixTokens: number) => {
    const loop = start({ cacheTokens, prefixTokens }, 3);
    // Few tokens short of two blocks as the prompts come, so a block more is what is reckoned with.
    loop.add(generation(0, 0, { limit: 200, before: countedOn(120), temperature: 0 }));
    await loop.turn(2);
    loop.add(generation(3, 28, { temperature: 0 }), generation(4, 13, { temperature: 0 }));
    const outputs = await loop.finish();
    const begun = (token: number) => loop.chunks.filter((chunk) => chunk === `${token}:0`).length;
    return { outputs, begun: [begun(3), begun(4)] };
  };
  const roomy = await run(1024 * BLOCK, 0);
  expect(roomy.begun).toEqual([1, 1]);
  for (let blocks = 45; blocks <= 47; blocks++) {
    const narrow = await run(blocks * BLOCK, 0);
    expect(narrow.outputs).toEqual(roomy.outputs);
    expect((await run(blocks * BLOCK, blocks * BLOCK)).outputs).toEqual(roomy.outputs);
    // The long one began first.
    expect(narrow.begun[0]).toBe(1);
    gaveWay += Number(narrow.begun[1]! > 1);
  }
  expect(gaveWay).toBeGreaterThan(0);
});

test('a long prompt comes to its end beside a row of short ones with long answers, whatever room these come to need', async () => {
  const loop = start({ slots: 8, cacheTokens: 37 * BLOCK }, 3);
  const long = generation(1, 30, { temperature: 0 });
  const short = Array.from({ length: 20 }, () =>
    generation(0, 0, { limit: 300, before: countedOn(126), temperature: 0 }),
  );
  loop.add(long, ...short);
  while (long.last < 0) await loop.turn();
  expect(loop.chunks.filter((chunk) => chunk === '1:0')).toHaveLength(1);
  expect(loop.gaveWay).toBeGreaterThan(0);
  loop.loop.close(new Error('closed'));
  await Promise.allSettled([long, ...short].map(({ ended }) => ended.promise));
});

test('one that is cancelled while it is read leaves the other alone, whichever it is', async () => {
  for (const leaves of [0, 1]) {
    const loop = start();
    const all = [generation(1, 8), generation(2, 3)];
    loop.add(...all);
    await loop.turn(3);
    all[leaves]!.cancelled = true;
    const outputs = await loop.finish();
    expect(outputs.map(({ finish }) => finish)).toEqual(
      leaves === 0 ? ['cancelled', 'length'] : ['length', 'cancelled'],
    );
    expect(loop.chunks).toHaveLength(leaves === 0 ? 5 : 9);
    expect(loop.loop.takenTokens).toBe(0);
  }
});
