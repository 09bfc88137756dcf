// Regular expressions: the same language as JavaScript's own engine, in both directions. STEADYTEXT_TEST_REGEXES=50000 makes it bigger.

import { describe, expect, test } from 'vitest';
import { matches } from '../../../workers/inference/constrained/automata/text-dfa.ts';
import { compileConstraint } from '../../../workers/inference/constrained/compile-constraint.ts';
import { ConstraintState } from '../../../workers/inference/constrained/constraint-state.ts';
import { Fuel, LIMITS } from '../../../workers/inference/constrained/limits.ts';
import { textsMatching } from '../../../workers/inference/constrained/regex/regex-texts.ts';
import { randomRegex, randomText } from './random-regexes.ts';
import { accepts, cpuTimeOf, messageOf, seeded, tinyVocabulary, walk } from './support.ts';

const COUNT = Number(process.env.STEADYTEXT_TEST_REGEXES ?? 1_000);
const vocabulary = tinyVocabulary(4);
const SCRIPTS =
  'Latin Greek Cyrillic Armenian Hebrew Arabic Syriac Thaana Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao'.split(
    ' ',
  );
const regex = (pattern: string) => compileConstraint({ kind: 'regex', pattern });

describe('a regular expression', () => {
  test('matches the whole output', () => {
    const compiled = regex('[a-c]{2}(?<tail>-\\d+)?|x');
    for (const text of ['ab', 'cc-1', 'ab-12345', 'x']) expect(accepts(compiled, vocabulary, text)).toBe(true);
    for (const text of ['a', 'abc', 'ab-', 'xx', 'ab-1 ', '']) expect(accepts(compiled, vocabulary, text)).toBe(false);
  });

  test('accepts exactly what JavaScript accepts, whole or found in a text', () => {
    let found = 0;
    for (let seed = 0; seed < COUNT; seed++) {
      const random = seeded(seed);
      const pattern = randomRegex(random);
      const whole = textsMatching(pattern, true, new Fuel(), 'p');
      const inside = textsMatching(pattern, false, new Fuel(), 'p');
      const [wholly, somewhere] = [new RegExp(`^(?:${pattern})$`, 'u'), new RegExp(pattern, 'u')];
      for (let i = 0; i < 30; i++) {
        const text = randomText(random);
        const so = [whole !== undefined && matches(whole, text), inside !== undefined && matches(inside, text)];
        expect({ seed, pattern, text, so }).toEqual({
          seed,
          pattern,
          text,
          so: [wholly.test(text), somewhere.test(text)],
        });
        found += Number(so[0]) + Number(so[1]);
      }
    }
    expect(found).toBeGreaterThan(COUNT);
  });

  test.each(['\\p{Lu}\\p{Ll}+', '\\P{L}', '[^\\p{Script=Greek}\\d]{2}', '\\p{L}\\p{N}?'])(
    'knows Unicode properties: %s',
    (pattern) => {
      const [ours, theirs] = [textsMatching(pattern, true, new Fuel(), 'p')!, new RegExp(`^(?:${pattern})$`, 'u')];
      for (const text of ['Ab', 'Éé', 'aB', 'A', '1', 'β', 'ab', 'αb', '日1', '中', '😀', '\u{10400}\u{10428}', 'é٣'])
        expect([text, matches(ours, text)]).toEqual([text, theirs.test(text)]);
    },
  );

  test('lets out only texts that JavaScript matches, whatever is taken and however few tokens are left', () => {
    for (let seed = 0; seed < COUNT / 2; seed++) {
      const random = seeded(seed);
      const pattern = randomRegex(random);
      if (!textsMatching(pattern, true, new Fuel(), 'p')) continue;
      const compiled = regex(pattern);
      const fewest = new ConstraintState(compiled, vocabulary).fewestTokens();
      for (const budget of [fewest, fewest + 2, fewest + 20]) {
        const { text } = walk(compiled, vocabulary, budget, random);
        expect({ seed, pattern, text, is: new RegExp(`^(?:${pattern})$`, 'u').test(text) }).toMatchObject({ is: true });
      }
    }
  });
});

describe('what is not regular is refused by name, with its place', () => {
  test.each([
    ['a(?=b)', 'pattern: look-ahead (?=…) is not supported at character 2 of the pattern'],
    ['(?!a)b', 'negative look-ahead (?!…) is not supported'],
    ['(?<=a)b', 'look-behind (?<=…) is not supported'],
    ['(?<!a)b', 'negative look-behind (?<!…) is not supported'],
    ['(a)\\1', 'the back-reference \\1 is not supported at character 5'],
    ['(?<x>a)\\k<x>', 'the back-reference \\k is not supported'],
    ['\\bword', 'the word boundary \\b is not supported'],
    ['(?i:a)', 'flags in a group are not supported'],
    ['(?i)a', 'flags in a group are not supported'],
    ['a**', 'expected one count after a part'],
    ['*a', 'expected \\* for a plain *'],
    ['a{2,1}', 'expected counts that go upwards, {2,1} came'],
    ['[z-a]', 'expected a range that goes upwards'],
    ['[a', 'expected ] for every ['],
    ['(a', 'expected ) for every ('],
    ['a)', 'expected ( for every )'],
    ['a}', 'expected \\} for a plain }'],
    ['\\q', 'the escape \\q is unknown'],
    ['\\', 'a backslash needs a character after it'],
    ['\\p{Nonsense}', 'expected a Unicode property like \\p{Letter}, \\p{Nonsense} came'],
    ['^*a', '^ and $ cannot be repeated'],
    ['[\\d-z]', 'expected a single character at both ends of a range'],
  ])('%s', (pattern, message) => {
    expect(messageOf(() => regex(pattern))).toContain(message);
  });

  test.each(['[]', 'a$b', 'a^', '\\0', '\\ud800'])('what nothing matches is impossible: %s', (pattern) => {
    expect(messageOf(() => regex(pattern))).toBe(
      'pattern: expected a constraint that an output can satisfy, but no text matches it',
    );
  });
});

describe('what explodes is stopped', () => {
  test.each([
    ['the deterministic automaton', '(a|b)*a(a|b){16}', 'a pattern of more than 10000 states'],
    ['nested counts', '((a{0,100}){0,100}){0,100}', 'a pattern of more than 50000 parts'],
    ['ambiguous counts', '(a{0,100}b?){0,100}c', 'more than'],
    ['one count', 'a{10001}', 'expected counts up to 10000, {10001} came'],
    ['large counts of any character', '[\\s\\S]{0,9999}[\\s\\S]{0,9999}', 'more than'],
    ['groups', '('.repeat(101) + ')'.repeat(101), 'groups are nested more than 100 deep'],
    ['many Unicode properties', SCRIPTS.map((name) => `\\p{Script=${name}}`).join('|'), 'steps to compile'],
    ['length', 'a'.repeat(LIMITS.patternLength + 1), 'a pattern of 4097 characters (limit 4096)'],
  ])('%s', (_, pattern, message) => {
    expect(cpuTimeOf(() => expect(messageOf(() => regex(pattern))).toContain(message))).toBeLessThan(2_000);
  });

  test('what looks dangerous to a backtracking engine is nothing special', () => {
    const compiled = regex('(a+)+b|(a|a)*c|(.*)*d');
    expect(accepts(compiled, vocabulary, `${'a'.repeat(2_000)}b`)).toBe(true);
    expect(accepts(compiled, vocabulary, 'a'.repeat(2_000))).toBe(false);
  });
});
