// A generation that gave way and begins again: whoever reads its answer cannot tell.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileConstraint } from '../../../workers/inference/constrained/compile-constraint.ts';
import { Vocabulary } from '../../../workers/inference/constrained/vocabulary/vocabulary.ts';
import { Generation } from '../../../workers/inference/decoder/generation.ts';

/** Of which a few make a stop text, or half of one, or half of a letter. */
const LETTERS = [...'abc', '\u00e9'];
const BYTES = Buffer.from(LETTERS.join(''));

/** Takes the tokens one by one, and begins again after so many as each number says. */
async function answerOf(tokens: readonly number[], stop: readonly string[], restarts: readonly number[]) {
  let shown = '';
  const input = { id: 'g', model: 'm', prompt: '', maxTokens: tokens.length, stop, temperature: 0, seed: 1 };
  const generation = new Generation({
    ...{ input, prompt: [0], limit: tokens.length, endTokens: [] },
    bytesOf: (token) => BYTES.subarray(token, token + 1),
    onText: (piece) => {
      shown += piece;
    },
  });
  const accept = (count: number) => {
    for (const token of tokens.slice(0, count)) {
      const finish = generation.accept(token);
      if (finish) return generation.finish(finish);
    }
  };
  for (const count of restarts) {
    // No further than its end, after which none begins again.
    const whole = await lengthOf(tokens, stop);
    accept(Math.min(count, whole - 1));
    generation.restart();
  }
  accept(tokens.length);
  return { ...(await generation.ended.promise), shown };
}

const lengthOf = async (tokens: readonly number[], stop: readonly string[]): Promise<number> =>
  (await answerOf(tokens, stop, [])).tokensOut;

test('gives the same answer and shows it once, with half of a stop text or of a letter on its way', async () => {
  const cases = fc.record({
    tokens: fc.array(fc.nat(BYTES.length - 1), { minLength: 1, maxLength: 12 }),
    stop: fc.array(fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 2, maxLength: 4 }), { maxLength: 2 }),
    restarts: fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ tokens, stop, restarts }) => {
      const undisturbed = await answerOf(tokens, stop, []);
      expect(await answerOf(tokens, stop, restarts)).toEqual(undisturbed);
      expect(undisturbed.shown).toBe(undisturbed.text);
    }),
    { numRuns: 300 },
  );
});

test.each(['length', 'end', 'cancelled'] as const)(
  'what could have become a stop text is told when it ends otherwise: %s',
  async (how) => {
    let shown = '';
    const [limit, endToken] = [how === 'length' ? 2 : 9, LETTERS.length];
    const input = { id: 'h', model: 'm', prompt: '', maxTokens: limit, stop: ['bc'], temperature: 0, seed: 1 };
    const generation = new Generation({
      ...{ input, prompt: [0], limit, endTokens: [endToken] },
      bytesOf: (token) => BYTES.subarray(token, token + 1),
      onText: (piece) => {
        shown += piece;
      },
    });
    const accepted = ['a', 'b'].map((letter) => generation.accept(LETTERS.indexOf(letter)));
    expect(shown).toBe('a');
    const finish = how === 'end' ? generation.accept(endToken) : (accepted[1] ?? 'cancelled');
    generation.finish(finish!);
    expect(await generation.ended.promise).toMatchObject({ text: 'ab', tokensOut: 2, finish: how });
    expect(shown).toBe('ab');
  },
);

/** Of a model that finds the highest byte the best. */
const HIGHEST = [{ best: 255, logits: Float32Array.from({ length: 256 }, (_, token) => token) }];

function constrained(): Generation {
  const vocabulary = new Vocabulary(Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)));
  const constraint = { compiled: compileConstraint({ kind: 'regex', pattern: 'id: [0-9]{3}' }), vocabulary };
  const input = { id: 'c', model: 'm', prompt: '', maxTokens: 9, stop: [], temperature: 0, seed: 1 };
  const bytesOf = (token: number) => Uint8Array.of(token);
  return new Generation({ input, prompt: [1], limit: 9, endTokens: [], constraint, bytesOf });
}

test('one under a constraint that begins again comes to the same tokens, whatever had come before', () => {
  const generation = constrained();
  const begin = (count: number) =>
    Array.from({ length: count }, () => {
      const [token] = generation.answersTo([], HIGHEST);
      return { token, finish: generation.accept(token!) };
    });
  const first = begin(7);
  expect(Buffer.from(first.map(({ token }) => token!)).toString()).toBe('id: 999');
  expect(first.map(({ finish }) => finish)).toEqual([...Array(6).fill(undefined), 'end']);
  for (const count of [1, 5, 7]) {
    generation.restart();
    expect(begin(count)).toEqual(first.slice(0, count));
  }
});

test('the model is asked nothing before a token that must come, and what follows the last of those', () => {
  const generation = constrained();
  const [i, d, colon, space] = Buffer.from('id: ');
  expect(generation.guess(3).tokens).toEqual([i, d, colon]);
  expect([0, 1, 2, 3].map((guessed) => generation.asks(guessed))).toEqual([0, 0, 0, 0]);
  expect([3, 4].map((guessed) => generation.needsLogits(guessed))).toEqual([false, true]);
  expect(generation.answersTo([i!, d!], [])).toEqual([i, d, colon]);
  expect(generation.asks(4)).toBe(1);
  expect(generation.answersTo([i!, d!, colon!, space!], HIGHEST)).toEqual([...Buffer.from('id: 9')]);
});
