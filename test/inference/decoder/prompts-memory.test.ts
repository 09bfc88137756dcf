// What prompts that are being read take, beside those that run and what is kept: `turn` looks after each turn whether it is more
// than there is, and `finish` whether all is given back.

import { afterAll, expect, test } from 'vitest';
import { BLOCK } from '../../../workers/inference/decoder/kv-cache.ts';
import { generation, openLoops } from './support/loops.ts';

const { start, close } = await openLoops();
afterAll(close);

test('one that has no room beside a prompt that is being read waits for its end, instead of giving way again and again', async () => {
  const loop = start({ cacheTokens: 12 * BLOCK });
  loop.add(generation(1, 10), generation(2, 2));
  await loop.finish();
  expect(loop.chunks.indexOf('2:0')).toBe(10);
  expect(loop.gaveWay).toBe(0);
});

test('those that run leave room for all prompts that are being read: they share no run that would take it', async () => {
  for (const prefixTokens of [0, 36 * BLOCK]) {
    const loop = start({ cacheTokens: 36 * BLOCK, prefixTokens });
    const few = (token: number) => generation(token, 0, { limit: 40, before: Array.from({ length: 30 }, () => token) });
    loop.add(generation(1, 10, { limit: 40 }));
    await loop.turn(11);
    loop.add(few(2));
    await loop.turn(2);
    // As wide as the first, which is what they do without the prompt.
    expect(loop.loop.cachedTokens).toBe(2 * 11 * BLOCK);
    loop.add(generation(3, 19));
    await loop.turn(14);
    expect(loop.loop.cachedTokens).toBe((11 + 1 + 19) * BLOCK);
    loop.add(few(4));
    await loop.finish();
    expect(loop.chunks.indexOf('4:0')).toBeLessThan(loop.chunks.indexOf('3:18'));
  }
});

test('where a step takes the room of a prompt whose last chunk comes next, the prompt gives way and comes to the same answer', async () => {
  let gaveWay = 0;
  // The other comes to need a block more as the last of 21 is read.
  for (let chunks = 18; chunks <= 23; chunks++) {
    const run = async (cacheTokens: number, prefixTokens: number) => {
      const loop = start({ cacheTokens, prefixTokens }, 3);
      const before = Array.from({ length: 56 }, (_, i) => (i * 7) % 50);
      loop.add(generation(0, 0, { limit: 100, before, temperature: 0 }));
      await loop.turn();
      loop.add(generation(3, chunks, { temperature: 0 }));
      const outputs = await loop.finish();
      return { outputs, gaveWay: loop.gaveWay };
    };
    const roomy = await run(1024 * BLOCK, 0);
    const budget = (2 + chunks + 1) * BLOCK;
    for (const prefixTokens of [0, budget]) {
      const narrow = await run(budget, prefixTokens);
      expect(narrow.outputs).toEqual(roomy.outputs);
      gaveWay += narrow.gaveWay;
    }
  }
  expect(gaveWay).toBeGreaterThan(0);
});

test('nothing is held of prompts that are read when all is closed', async () => {
  const loop = start({ prefixTokens: 4096 });
  const all = [generation(1, 12), generation(2, 3), generation(3, 1, { limit: 50 })];
  loop.add(...all);
  await loop.turn(6);
  expect(loop.heldBytes).toBeGreaterThan(0);
  loop.loop.close(new Error('closed'));
  await Promise.allSettled(all.map(({ ended }) => ended.promise));
  expect([loop.heldBytes, loop.loop.takenTokens]).toEqual([0, 0]);
});
