// Many patterns, formats and ranges at one place: they become one automaton where they can, and are refused where masks would
// take so long that every other generation stands still.

import { describe, expect, test } from 'vitest';
import { compileConstraint } from '../../../workers/inference/constrained/compile-constraint.ts';
import { ConstraintState } from '../../../workers/inference/constrained/constraint-state.ts';
import { branchesOf } from '../../../workers/inference/constrained/expression/steps.ts';
import { LIMITS } from '../../../workers/inference/constrained/limits.ts';
import { tokensIn } from '../../../workers/inference/constrained/vocabulary/token-mask.ts';
import { Vocabulary } from '../../../workers/inference/constrained/vocabulary/vocabulary.ts';
import { accepts, messageOf, pick, seeded, tinyVocabulary, walk } from './support.ts';

const vocabulary = tinyVocabulary(1);
const compiled = (schema: unknown) => compileConstraint({ kind: 'json', schema });
const refusal = (schema: unknown) => messageOf(() => compiled(schema));
const without = (count: number, most: number, from = 0) => ({
  anyOf: Array.from({ length: count }, (_, i) => ({
    type: 'string',
    pattern: `^[^\\u{${(0x4e00 + from + i).toString(16)}}]{0,${most}}$`,
  })),
});
const arrays = (count: number, items: (i: number) => unknown) => ({
  anyOf: Array.from({ length: count }, (_, i) => ({ type: 'array', items: items(i), minItems: 2 })),
});

describe('several automata', () => {
  const parts = [
    { type: 'string', pattern: '^a{2,5}$' },
    { type: 'string', pattern: '^[ab]{3}$', maxLength: 7 },
    { type: 'string', format: 'date' },
    { type: 'string', pattern: 'é.$' },
    { type: 'integer', minimum: 5, maximum: 90 },
    { type: 'number', minimum: 40, exclusiveMaximum: 100.5 },
    { type: 'integer', multipleOf: 7, minimum: 300 },
  ];
  const whole = compiled({ anyOf: parts });

  test('of which the same follows are two at most: one of texts, one of numbers', () => {
    const state = [...branchesOf(whole.boundTo(vocabulary).all, whole.start)];
    expect(state.map(({ leaf }) => leaf.kind).sort()).toEqual(['automaton', 'literal']);
  });

  test('read together what each of them reads, and nothing else', () => {
    const each = parts.map((part) => compiled(part));
    const random = seeded(4);
    const texts = each.flatMap((part) => Array.from({ length: 25 }, () => walk(part, vocabulary, 24, random).text));
    for (const text of texts) expect(accepts(whole, vocabulary, text), text).toBe(true);
    for (let i = 0; i < 200; i++) {
      const { text } = walk(whole, vocabulary, 24, random);
      expect(
        each.some((part) => accepts(part, vocabulary, text)),
        text,
      ).toBe(true);
    }
    for (const text of ['"a"', '"aab"', '"abab"', '4', '91.5', '100.5', '301', '"2020-02-30"', '"éé"', '"é"'])
      expect(accepts(whole, vocabulary, text)).toBe(each.some((part) => accepts(part, vocabulary, text)));
  });

  test('are counted as one by one where that is too large, and by the limit refused', () => {
    expect(refusal(without(60, 8))).toContain(
      `60 patterns, formats and ranges of numbers that may go on at one place (limit 6`,
    );
    expect(refusal(arrays(7, (i) => ({ type: 'integer', minimum: i })))).toContain('7 patterns, formats and ranges');
    expect(refusal(arrays(6, (i) => ({ type: 'integer', minimum: i })))).toBe('nothing was thrown');
    // Those that are equal are one, whatever follows.
    expect(refusal(arrays(30, (i) => ({ prefixItems: [{ type: 'integer' }, { const: i }], type: 'array' })))).toBe(
      'nothing was thrown',
    );
  });

  test('that come together only while an answer is written end it, as what was asked for is at fault', () => {
    const state = new ConstraintState(
      compiled({
        anyOf: Array.from({ length: 7 }, (_, i) => ({
          type: 'array',
          prefixItems: [{ enum: [1, i + 2] }, { type: 'integer', minimum: 10 * i }],
          minItems: 2,
        })),
      }),
      vocabulary,
    );
    const message = messageOf(() => {
      for (const byte of Buffer.from('[1,')) {
        expect(tokensIn(state.allowed(30).bits)).toContain(byte);
        state.accept(byte);
      }
      state.allowed(30);
    });
    expect(message).toContain('7 patterns, formats and ranges of numbers that may go on at one place (limit 6');
  });
});

test('more ways to go on than the limit are refused', () => {
  const properties = (i: number) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`${i}_${k}`, { type: 'null' }]));
  const schema = { anyOf: Array.from({ length: 210 }, (_, i) => ({ properties: properties(i) })) };
  const message = messageOf(() => {
    const state = new ConstraintState(compiled(schema), vocabulary);
    state.accept('{'.charCodeAt(0));
    state.allowed(30);
  });
  expect(message).toContain('outputs that can be read in more than 4096 ways at one place');
});

test('at the limits no mask over 49,000 tokens takes long', () => {
  const large = wordVocabulary(49_000);
  const properties = (count: number, of: (i: number) => unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, of(i)]));
  const schemas = [
    arrays(LIMITS.automata, (i) => without(1, 8, i)),
    arrays(200, (i) => ({ type: 'string', minLength: i, maxLength: 2 * i + 1 })),
    { type: 'object', properties: properties(LIMITS.properties, () => ({ type: 'string' })) },
    {
      anyOf: Array.from({ length: 200 }, (_, i) => ({
        properties: properties(20, (k) => ({ type: 'string', minLength: i + k })),
      })),
    },
  ];
  for (const schema of schemas) {
    const runs = [1, 2, 3].map(() => masksOf(schema, large));
    // Of the CPU, and the least of three: what others take of the time is not the mask's. 10 ms with real tokens.
    const longest = Math.max(...runs[0]!.map((_, i) => Math.min(...runs.map((times) => times[i]!))));
    expect(longest, JSON.stringify(schema).slice(0, 80)).toBeLessThan(100);
  }
});

/** As real ones are: words, most with a space before them, and few tokens that close a text. */
function wordVocabulary(words: number): Vocabulary {
  const random = seeded(5);
  const tokens: Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  for (const piece of ['":', '","', '"}', '"]', '",', '{"', ' "']) tokens.push(Buffer.from(piece));
  const letter = () => String.fromCharCode(97 + Math.floor(random() ** 2 * 26));
  while (tokens.length < words) {
    const word = Array.from({ length: 2 + Math.floor(random() * 8) }, letter).join('');
    tokens.push(Buffer.from(random() < 0.6 ? ` ${word}` : word));
  }
  return new Vocabulary(tokens);
}

/** Milliseconds of the CPU for each mask of an answer. */
function masksOf(schema: unknown, over: typeof vocabulary): number[] {
  const state = new ConstraintState(compiled(schema), over);
  const random = seeded(3);
  const times: number[] = [];
  for (let left = 15; left > 0 && !state.mustEnd; left--) {
    const begun = process.threadCpuUsage();
    const { bits } = state.allowed(state.fewestTokens() + left);
    times.push(process.threadCpuUsage(begun).user / 1000);
    state.accept(pick(random, tokensIn(bits)));
  }
  return times;
}
