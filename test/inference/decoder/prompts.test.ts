// Who is read when: a short prompt does not wait for a long one, and never stops it; what both begin with is read once.

import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DecodeLoop } from '../../../workers/inference/decoder/decode-loop.ts';
import { type Context, Forward } from '../../../workers/inference/decoder/forward.ts';
import { Generation } from '../../../workers/inference/decoder/generation.ts';
import { BLOCK } from '../../../workers/inference/decoder/kv-cache.ts';
import type { SlotStep } from '../../../workers/inference/decoder/step-form.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
let session: InferenceSession;
let shape: DecoderShape;

beforeAll(async () => {
  const folder = await tiny.text('nb8', { metadata: { 'llama.context_length': 2048 } });
  session = await openSession(folder);
  shape = folder.description.shape as DecoderShape;
});
afterAll(async () => {
  await session.release();
  await tiny.remove();
});

/** Keeps the first token of each chunk, which names its prompt, and where it stood. */
class Watched extends Forward {
  readonly chunks: string[] = [];

  override run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean) {
    this.chunks.push(`${steps[0]!.tokens[0]}:${steps[0]!.length / BLOCK}`);
    return super.run(context, steps, rows, withLogits);
  }
}

/** A prompt of one token again and again, after others. */
function generation(token: number, chunks: number, limit = 4, before: readonly number[] = [], temperature = 1) {
  const prompt = [...before, ...Array.from({ length: chunks * BLOCK }, () => token)];
  const input = { id: `${token}`, model: 'tiny', prompt: '', maxTokens: limit, stop: [], temperature, seed: token };
  return new Generation({ input, prompt, limit, endTokens: [], bytesOf: () => new Uint8Array(0) });
}

function start(options: { slots?: number; cacheTokens?: number; prefixTokens?: number } = {}) {
  const [decode, prefill] = [new Forward(session, shape, 'each'), new Watched(session, shape, 'last')];
  const sizes = { slots: 4, cacheTokens: 4096, prefixTokens: 0, guesses: 0, ...options };
  return { loop: new DecodeLoop({ shape, decode, prefill, ...sizes }), chunks: prefill.chunks };
}

async function finish(loop: DecodeLoop, all: readonly Generation[]) {
  while (loop.size > 0) await loop.turn();
  return Promise.all(all.map(({ ended }) => ended.promise));
}

test('a short prompt is read between the chunks of a long one, and is answered before that is read', async () => {
  const { loop, chunks } = start();
  const [long, short] = [generation(1, 20), generation(2, 2)];
  loop.add(long);
  await loop.turn();
  loop.add(short);
  let answered = Number.POSITIVE_INFINITY;
  short.ended.promise.then(() => {
    answered = chunks.length;
  });
  await finish(loop, [long, short]);
  expect(chunks.slice(0, 6)).toEqual(['1:0', '1:1', '2:0', '1:2', '2:1', '1:3']);
  expect(answered).toBeLessThan(10);
});

test('a row of short ones takes every second chunk and no more', async () => {
  const { loop, chunks } = start();
  const all = [generation(1, 10), ...Array.from({ length: 8 }, (_, i) => generation(2 + i, 1, 2))];
  for (const each of all) loop.add(each);
  await finish(loop, all);
  const long = chunks.flatMap((chunk, turn) => (chunk.startsWith('1:') ? [turn] : []));
  for (const [i, turn] of long.slice(1).entries()) expect(turn - long[i]!).toBeLessThanOrEqual(2);
  expect(chunks.slice(0, 5)).toEqual(['1:0', '1:1', '2:0', '1:2', '3:0']);
});

test('one that has more than half of what is left of another waits; a shorter one comes beside both', async () => {
  const { loop, chunks } = start();
  const all = [generation(1, 12), generation(2, 8), generation(3, 4), generation(4, 3), generation(5, 1)];
  for (const each of all) loop.add(each);
  await finish(loop, all);
  const begun = chunks.filter((chunk) => chunk.endsWith(':0')).map((chunk) => chunk.split(':')[0]);
  // 8 of 12 is too much, 4 is not; 3 of those 4 is too much, 1 is not.
  expect(begun).toEqual(['1', '3', '5', '4', '2']);
  expect(chunks.indexOf('4:0')).toBeGreaterThan(chunks.indexOf('3:3'));
});

test('those that a long prompt keeps waiting are not passed by shorter ones: they could not come anyway', async () => {
  const { loop, chunks } = start();
  const long = [generation(1, 20), generation(2, 20)];
  const short = Array.from({ length: 9 }, (_, i) => generation(3 + i, 1, 1));
  for (const each of [...long, ...short]) loop.add(each);
  await finish(loop, [...long, ...short]);
  expect(chunks.indexOf('11:0')).toBeLessThan(chunks.indexOf('1:19'));
});

test('there is a place for it, or it waits: a prompt that is being read counts as one that runs', async () => {
  const { loop, chunks } = start({ slots: 1 });
  const all = [generation(1, 6), generation(2, 1)];
  for (const each of all) loop.add(each);
  await finish(loop, all);
  expect(chunks.indexOf('2:0')).toBe(6);
});

test('where both begin in the same way, the short one waits for those chunks and copies them', async () => {
  const before = Array.from({ length: 3 * BLOCK }, () => 40);
  const run = async (prefixTokens: number) => {
    const { loop, chunks } = start({ prefixTokens });
    const all = [generation(1, 12, 4, before), generation(2, 1, 4, before)];
    for (const each of all) loop.add(each);
    const outputs = await finish(loop, all);
    return { chunks, outputs, tokens: loop.promptTokens };
  };
  const [shared, apart] = [await run(2048), await run(0)];
  expect(shared.chunks.slice(0, 5)).toEqual(['40:0', '40:1', '40:2', '1:3', '2:3']);
  expect(shared.tokens).toEqual({ read: 16 * BLOCK, reused: 3 * BLOCK });
  // Nothing is kept and nothing copied: there is nothing to wait for.
  expect(apart.chunks.slice(0, 4)).toEqual(['40:0', '40:1', '40:0', '40:2']);
  expect(shared.outputs).toEqual(apart.outputs);
});

/** Counts on by seven, so that guesses are right and a step takes four tokens of room. */
class Foreseen extends Forward {
  override async run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean) {
    const result = await super.run(context, steps, rows, withLogits);
    const next = steps.map(({ tokens }, slot) => {
      const known = tokens.slice(-result.next[slot]!.length);
      return known.map((token) => ({ best: (token + 7) % 50, logits: undefined }));
    });
    return { ...result, next };
  }
}

test('where those that run come to need the room of two prompts, the newest gives way, and all come to the same answers', async () => {
  let gaveWay = 0;
  const run = async (cacheTokens: number) => {
    const [decode, prefill] = [new Foreseen(session, shape, 'each'), new Watched(session, shape, 'last')];
    const loop = new DecodeLoop({ shape, decode, prefill, slots: 4, cacheTokens, prefixTokens: 0, guesses: 3 });
    // Few tokens short of two blocks as the prompts come, so a block more is what is reckoned with.
    const before = Array.from({ length: 120 }, (_, i) => (i * 7) % 50);
    const running = generation(0, 0, 200, before, 0);
    loop.add(running);
    for (let turn = 0; turn < 2; turn++) await loop.turn();
    const all = [generation(3, 28, 4, [], 0), generation(4, 13, 4, [], 0)];
    for (const each of all) loop.add(each);
    const outputs = await finish(loop, [running, ...all]);
    const begun = (token: number) => prefill.chunks.filter((chunk) => chunk === `${token}:0`).length;
    return { outputs, begun: [begun(3), begun(4)] };
  };
  const roomy = await run(1024 * BLOCK);
  expect(roomy.begun).toEqual([1, 1]);
  for (let blocks = 45; blocks <= 47; blocks++) {
    const narrow = await run(blocks * BLOCK);
    expect(narrow.outputs).toEqual(roomy.outputs);
    // The long one began first.
    expect(narrow.begun[0]).toBe(1);
    gaveWay += Number(narrow.begun[1]! > 1);
  }
  expect(gaveWay).toBeGreaterThan(0);
});

test('a long prompt comes to its end beside a row of short ones with long answers, whatever room these come to need', async () => {
  const [decode, prefill] = [new Foreseen(session, shape, 'each'), new Watched(session, shape, 'last')];
  const sizes = { slots: 8, cacheTokens: 37 * BLOCK, prefixTokens: 0, guesses: 3 };
  const loop = new DecodeLoop({ shape, decode, prefill, ...sizes });
  const long = generation(1, 30, 4, [], 0);
  const before = Array.from({ length: 126 }, (_, i) => (i * 7) % 50);
  const short = Array.from({ length: 20 }, () => generation(0, 0, 300, before, 0));
  let gaveWay = 0;
  for (const each of [long, ...short]) {
    const { restart } = each;
    each.restart = () => {
      gaveWay++;
      restart.call(each);
    };
    loop.add(each);
  }
  while (long.last < 0) await loop.turn();
  expect(prefill.chunks.filter((chunk) => chunk === '1:0')).toHaveLength(1);
  expect(gaveWay).toBeGreaterThan(0);
  loop.close(new Error('closed'));
  await Promise.allSettled([long, ...short].map(({ ended }) => ended.promise));
});

test('one that is cancelled while it is read leaves the other alone, whichever it is', async () => {
  for (const leaves of [0, 1]) {
    const { loop, chunks } = start();
    const all = [generation(1, 8), generation(2, 3)];
    for (const each of all) loop.add(each);
    for (let turn = 0; turn < 3; turn++) await loop.turn();
    all[leaves]!.cancelled = true;
    const outputs = await finish(loop, all);
    expect(outputs.map(({ finish }) => finish)).toEqual(
      leaves === 0 ? ['cancelled', 'length'] : ['length', 'cancelled'],
    );
    expect(chunks).toHaveLength(leaves === 0 ? 5 : 9);
    expect(loop.takenTokens).toBe(0);
  }
});
