// Tokens: what is allowed within a budget, what is forced, and what a state is.

import { describe, expect, test } from 'vitest';
import {
  CompiledConstraint,
  type ConstraintSpec,
  compileConstraint,
} from '../../../workers/inference/constrained/compile-constraint.ts';
import { ConstraintCache } from '../../../workers/inference/constrained/constraint-cache.ts';
import { ConstraintState } from '../../../workers/inference/constrained/constraint-state.ts';
import { Expressions } from '../../../workers/inference/constrained/expression/expressions.ts';
import { Fuel } from '../../../workers/inference/constrained/limits.ts';
import { compileSchema } from '../../../workers/inference/constrained/schema/compile-schema.ts';
import { isAllowed, tokensIn } from '../../../workers/inference/constrained/vocabulary/token-mask.ts';
import { Vocabulary } from '../../../workers/inference/constrained/vocabulary/vocabulary.ts';
import { messageOf, pick, seeded, tinyVocabulary } from './support.ts';

const PIECES = ['yes', 'no', 'maybe', ' so', '{"', '":', '":"', '"}', 'name', 'a"', '",'];
const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
const vocabulary = new Vocabulary([
  ...bytes,
  ...PIECES.map((piece) => Buffer.from(piece)),
  undefined,
  Buffer.from('no'),
]);
const idOf = (piece: string) => 256 + PIECES.indexOf(piece);
const TWIN = 256 + PIECES.length + 1;

function stateOf(spec: ConstraintSpec, over = vocabulary): ConstraintState {
  return new ConstraintState(compileConstraint(spec), over);
}

const choice = (...choices: string[]) => stateOf({ kind: 'choice', choices });

describe('choices', () => {
  test('any token that begins one of them is allowed, and a token of the same bytes is too', () => {
    const allowed = tokensIn(choice('yes', 'no', 'maybe so').allowed(10).bits);
    expect(allowed).toEqual([
      ...['m', 'n', 'y'].map((letter) => letter.charCodeAt(0)),
      idOf('yes'),
      idOf('no'),
      idOf('maybe'),
      TWIN,
    ]);
  });

  test('with few tokens left only those are allowed with which one of them can be ended', () => {
    const state = choice('yes', 'no', 'maybe so');
    expect(state.fewestTokens()).toBe(1);
    expect(tokensIn(state.allowed(1).bits)).toEqual([idOf('yes'), idOf('no'), TWIN]);
    expect(tokensIn(state.allowed(2).bits)).toEqual(['n'.charCodeAt(0), idOf('yes'), idOf('no'), idOf('maybe'), TWIN]);
  });

  test('one that begins another may end, but need not', () => {
    const state = choice('no', 'no so');
    state.accept(idOf('no'));
    expect([state.canEnd, state.mustEnd, state.allowed(3).canEnd]).toEqual([true, false, true]);
    state.accept(idOf(' so'));
    expect([state.canEnd, state.mustEnd]).toEqual([true, true]);
    expect(tokensIn(state.allowed(3).bits)).toEqual([]);
  });

  test.each([
    [[], 'choices: expected at least one, none came'],
    [['a', '\ud800'], 'number 2 has some'],
    [Array.from({ length: 10_001 }, (_, i) => `${i}`), '10001 of them (limit 10000)'],
  ])('refused: %j', (choices, message) => {
    expect(messageOf(() => compileConstraint({ kind: 'choice', choices }))).toContain(message);
  });
});

describe('a budget', () => {
  test('that is too small is refused, with the number of tokens that are needed', () => {
    const state = stateOf({ kind: 'json', schema: { properties: { name: { type: 'string' } }, required: ['name'] } });
    expect(state.fewestTokens()).toBe(4); // {" name ":" "}
    expect(messageOf(() => state.allowed(3))).toBe(
      'expected room for the 4 tokens that this output needs at least, 3 are left',
    );
    expect(tokensIn(state.allowed(4).bits)).toEqual([idOf('{"')]);
  });

  test('makes a long text end in time', () => {
    const state = stateOf({ kind: 'json', schema: { type: 'array', items: { type: 'string' }, minItems: 2 } });
    const quote = '"'.charCodeAt(0);
    for (const byte of Buffer.from('["a')) state.accept(byte);
    expect(state.fewestTokens()).toBe(4); // ", " " ]
    expect(['b'.charCodeAt(0), quote].map((token) => isAllowed(state.allowed(6), token))).toEqual([true, true]);
    expect(tokensIn(state.allowed(4).bits)).toEqual([idOf('",')]);
  });
});

describe('forced tokens', () => {
  test('are taken without the model, but for those whose last bytes a token could go over', () => {
    const forced = (type: string[]) =>
      stateOf({ kind: 'json', schema: { properties: { name: { type } }, required: ['name'] } }).forced(20);
    expect(forced(['integer', 'null'])).toEqual([idOf('{"'), idOf('name'), idOf('":')]);
    // Whether a text comes is the model's choice, and one token could make it: ":"
    expect(forced(['integer', 'string'])).toEqual([idOf('{"'), idOf('name')]);
  });

  test('go to the end where nothing else can follow, and never over the budget', () => {
    const state = stateOf({ kind: 'json', schema: { const: { name: 'no' } } });
    expect(state.forced(20).flatMap((token) => [...vocabulary.bytesOf(token)!])).toEqual([
      ...Buffer.from('{"name":"no"}'),
    ]);
    expect(state.forced(state.fewestTokens()).length).toBe(state.fewestTokens());
  });

  test('are those of the tokenizer where it gives the same bytes', () => {
    const letters = new Vocabulary([...bytes, Buffer.from('no')], (text) => [...Buffer.from(text)]);
    expect(stateOf({ kind: 'choice', choices: ['no'] }, letters).forced(9)).toEqual([...Buffer.from('no')]);
    // Those are two: with room for one only the model's, or the mask's, own way is left.
    expect(stateOf({ kind: 'choice', choices: ['no'] }, letters).forced(1)).toEqual([]);
    const wrong = new Vocabulary([...bytes, Buffer.from('no')], () => [1, 2]);
    expect(stateOf({ kind: 'choice', choices: ['no'] }, wrong).forced(9)).toEqual([256]);
  });
});

describe('a state', () => {
  test('is copied for tokens that may be taken back', () => {
    const state = choice('yes', 'no');
    const ahead = state.clone();
    ahead.accept(idOf('yes'));
    expect([ahead.mustEnd, state.mustEnd]).toEqual([true, false]);
    state.accept(idOf('no'));
    expect(state.mustEnd).toBe(true);
  });

  test('refuses a token that is not allowed, and a special one', () => {
    expect(messageOf(() => choice('yes').accept(idOf('no')))).toContain('expected a token that the constraint allows');
    expect(messageOf(() => choice('yes').accept(TWIN - 1))).toContain('expected a token that the constraint allows');
  });

  test('allows the same whatever other generations of the constraint have done', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string', maxLength: 30 }, b: { items: { type: 'number' } } },
      additionalProperties: true,
    };
    const over = tinyVocabulary(6);
    const shared = compileConstraint({ kind: 'json', schema });
    const trace = (compiled: typeof shared, seed: number) => {
      const [state, random, masks] = [new ConstraintState(compiled, over), seeded(seed), [] as string[]];
      for (let left = 40; left > 0 && !state.mustEnd; left--) {
        const { bits, canEnd } = state.allowed(left);
        masks.push(`${canEnd} ${Buffer.from(bits.buffer).toString('base64')}`);
        if (!bits.some((word) => word !== 0)) break;
        state.accept(pick(random, tokensIn(bits)));
      }
      return masks;
    };
    // One that has room for almost nothing forgets all the time what it has found out.
    const fuel = new Fuel();
    const all = new Expressions(fuel, 5);
    const forgetful = new CompiledConstraint(all, compileSchema(all, schema, fuel));
    for (let seed = 0; seed < 20; seed++) {
      const alone = trace(compileConstraint({ kind: 'json', schema }), seed);
      expect(trace(shared, seed)).toEqual(alone);
      expect(trace(forgetful, seed)).toEqual(alone);
    }
  });
});

test('thousands of places in each other need no stack of calls', () => {
  const places = (depth: number): unknown =>
    depth === 0
      ? { type: ['integer', 'null'] }
      : { type: 'array', prefixItems: [...Array(900).fill({ type: 'boolean' }), places(depth - 1)] };
  const state = stateOf({ kind: 'json', schema: places(5) });
  expect(state.fewestTokens()).toBe(2);
  for (const text of ['[true,', 'false,'.repeat(899), '[true,'])
    for (const byte of Buffer.from(text)) state.accept(byte);
  expect(state.fewestTokens()).toBe(6);
  expect(tokensIn(state.allowed(6).bits)).toEqual(['t'.charCodeAt(0)]);
});

test('constraints are compiled once, and the one asked for longest ago is forgotten', () => {
  const cache = new ConstraintCache(2);
  const [a, b, c] = ['a', 'b', 'c'].map((pattern) => () => cache.compile({ kind: 'regex', pattern }));
  const [first, second] = [a!(), b!()];
  expect(a!()).toBe(first);
  c!();
  expect(a!()).toBe(first);
  expect(b!()).not.toBe(second);
  // The order of members is the order of the output.
  const schema = (names: string[]) => ({ kind: 'json' as const, schema: { required: names } });
  expect(cache.compile(schema(['a', 'b']))).not.toBe(cache.compile(schema(['b', 'a'])));
});

test('a vocabulary without a token for a byte that every output needs is refused', () => {
  const message = messageOf(() => new Vocabulary(bytes.map((token) => (token[0] === 0x41 ? undefined : token))));
  expect(message).toBe('expected a vocabulary with a token for each byte, it has none for 0x41');
});

test('bytes that are no token are never begun: lead bytes of characters may be missing', () => {
  const without = new Vocabulary(bytes.map((token) => (token[0]! >= 0xf0 ? undefined : token)));
  const state = stateOf({ kind: 'regex', pattern: '😀|é' }, without);
  expect(tokensIn(state.allowed(9).bits)).toEqual([0xc3]);
  expect(stateOf({ kind: 'regex', pattern: '😀' }, without).fewestTokens()).toBe(Number.POSITIVE_INFINITY);
});
