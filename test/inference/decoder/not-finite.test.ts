// A token whose embedding is not a number, as a sum that overflows would make it: whoever comes to it fails by name, and
// nobody else notices, neither beside it nor after it in the same slot. The same where only the last sum overflows, that of the
// logits.

import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { DecodeLoop } from '../../../workers/inference/decoder/decode-loop.ts';
import { Forward } from '../../../workers/inference/decoder/forward.ts';
import { Generation } from '../../../workers/inference/decoder/generation.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';
import { openSession } from '../../../workers/inference/session.ts';
import { tinyVocabulary } from '../convert/tiny-llama.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { describeFormats, ROWS } from '../formats.ts';
import { poisonEmbedding } from './support/poison.ts';

const poison = tinyVocabulary().tokens.indexOf('q');
const others = [5, 6, 9, 12].filter((token) => token !== poison);

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const tests = (format: NumberFormat) => {
  let session: InferenceSession;
  let shape: DecoderShape;

  beforeAll(async () => {
    const folder = await tiny.text(format);
    await poisonEmbedding(folder, poison);
    session = await openSession(folder);
    shape = folder.description.shape as DecoderShape;
  });
  afterAll(() => session.release());

  /** Says that the poisonous token comes, as the fourth of the answers to prompts of so many tokens; else what comes. */
  class Forced extends Forward {
    readonly places = new Set<number>();

    override async run(...args: Parameters<Forward['run']>) {
      const result = await super.run(...args);
      const next = args[1].map(({ tokens, length }, slot) =>
        result.next[slot]!.map((one, row) => {
          const place = length + tokens.length - result.next[slot]!.length + row + 1;
          return this.places.has(place) && this.forces(slot) ? { ...one, best: poison } : one;
        }),
      );
      return { ...result, next };
    }

    forces: (slot: number) => boolean = () => true;
  }

  /** All its logits are NaN, of keys and values that are numbers; the best is then the first. */
  function withoutLogits(forward: Forward): void {
    const run = forward.run.bind(forward);
    forward.run = async (...args) => {
      const result = await run(...args);
      const none = (logits?: Float32Array) => ({ best: 0, logits: logits?.map(() => Number.NaN) });
      return { ...result, next: result.next.map((of) => of.map(({ logits }) => none(logits))) };
    };
  }

  /** One token's logit is an infinity that no weights before it are; it is never the best. */
  function withInfinity(forward: Forward): void {
    const run = forward.run.bind(forward);
    forward.run = async (...args) => {
      const result = await run(...args);
      for (const { best, logits } of result.next.flat())
        if (logits) logits[best === 5 ? 6 : 5] = Number.NEGATIVE_INFINITY;
      return result;
    };
  }

  function start(guesses = 0) {
    const decode = new Forced(session, shape);
    const prefill = new Forced(session, shape);
    const loop = new DecodeLoop({
      ...{ shape, decode, prefill, slots: 3, cacheTokens: 4096, prefixTokens: 4096, guesses },
    });
    return { loop, decode, prefill };
  }

  function generation(id: string, prompt: readonly number[], limit: number, temperature = 0) {
    const answer: number[] = [];
    const bytesOf = (token: number) => {
      answer.push(token);
      return new Uint8Array(0);
    };
    const input = { id, model: 'tiny', prompt: '', maxTokens: limit, stop: [], temperature, seed: 3 };
    return { answer, generation: new Generation({ input, prompt, limit, endTokens: [], bytesOf }) };
  }

  const prompt = (length: number) => Array.from({ length }, (_, i) => others[(i * i) % others.length]!);

  async function finish(loop: DecodeLoop): Promise<void> {
    while (loop.size > 0) await loop.turn();
  }

  async function alone(tokens: readonly number[], limit: number): Promise<number[]> {
    const { loop } = start();
    const one = generation('alone', tokens, limit);
    loop.add(one.generation);
    await finish(loop);
    await one.generation.ended.promise;
    return one.answer;
  }

  const message = (tokens: number) => `expected numbers of tiny, NaN or an infinity came after ${tokens} tokens`;

  test('in a prompt: fails as it is read, and what it read is not kept', async () => {
    const { loop } = start();
    const mate = generation('mate', prompt(70), 30);
    loop.add(mate.generation);
    for (let turn = 0; turn < 5; turn++) await loop.turn();
    const bad = generation('bad', prompt(150).with(100, poison), 30);
    loop.add(bad.generation);
    await expect(Promise.all([bad.generation.ended.promise, finish(loop)])).rejects.toMatchObject({
      name: 'NotFinite',
      message: message(128),
    });
    await finish(loop);
    await mate.generation.ended.promise;
    expect(mate.answer).toEqual(await alone(prompt(70), 30));
    const next = generation('next', prompt(150), 10);
    loop.add(next.generation);
    await finish(loop);
    expect(next.answer).toEqual(await alone(prompt(150), 10));
  });

  test('in an answer: the others go on with the same bytes, and so does the next in its slot', async () => {
    const { loop, decode } = start();
    const [mate, bad] = [generation('mate', prompt(70), 60), generation('bad', prompt(33), 60)];
    for (const each of [mate, bad]) loop.add(each.generation);
    decode.places.add(40);
    decode.forces = (slot) => slot === 1;
    let failed: unknown;
    bad.generation.ended.promise.catch((error: unknown) => {
      failed = error;
    });
    while (failed === undefined && loop.size > 0) await loop.turn();
    expect(failed).toMatchObject({ name: 'NotFinite', message: message(41) });
    decode.forces = () => false;
    const next = generation('next', prompt(20), 60);
    loop.add(next.generation);
    await finish(loop);
    expect(mate.answer).toEqual(await alone(prompt(70), 60));
    expect(next.answer).toEqual(await alone(prompt(20), 60));
  });

  test('guessed wrongly: changes nothing', async () => {
    const { loop, decode } = start(3);
    const tokens = prompt(40);
    const one = generation('one', tokens, 40);
    const guess = one.generation.guess.bind(one.generation);
    one.generation.guess = (most) => (most > 0 ? { ...guess(most), tokens: [poison], chance: 0.9 } : guess(most));
    let steps = 0;
    const run = decode.run.bind(decode);
    decode.run = (...args) => {
      steps++;
      return run(...args);
    };
    loop.add(one.generation);
    await finish(loop);
    await one.generation.ended.promise;
    expect(one.answer).toEqual(await alone(tokens, 40));
    expect(steps).toBeGreaterThan(45);
  });

  test.each([
    ['a prompt', 'prefill', 20],
    ['a step', 'decode', 21],
  ] as const)('in the logits of %s alone: fails, and gives no token out', async (_, where, tokens) => {
    const parts = start();
    withoutLogits(parts[where]);
    const one = generation('one', prompt(20), 10);
    parts.loop.add(one.generation);
    const [ended] = await Promise.allSettled([one.generation.ended.promise, finish(parts.loop)]);
    expect(ended).toMatchObject({ reason: { name: 'NotFinite', message: message(tokens) } });
    expect(one.answer.length).toBe(tokens - 20);
  });

  test('in a logit that is not the best: fails one that draws from all, and never one beside it that does not', async () => {
    const { loop, decode } = start();
    withInfinity(decode);
    const greedy = generation('greedy', prompt(20), 10);
    const drawing = generation('drawing', prompt(30), 10, 1);
    for (const each of [greedy, drawing]) loop.add(each.generation);
    const [drew] = await Promise.allSettled([drawing.generation.ended.promise, finish(loop)]);
    expect(drew).toMatchObject({ reason: { name: 'NotFinite' } });
    await greedy.generation.ended.promise;
    expect(greedy.answer).toEqual(await alone(prompt(20), 10));
  });
};

describeFormats(tests, [ROWS, 'nb8', 'nb4', 'fp32']);
