// The command line of the sweep.

import { expect, test } from 'vitest';
import { commandOf, readCommandLine } from '../../scripts/stress/options.ts';

const DEFAULTS = { embeddings: 10, pairs: 5, generations: 3 };
const read = (...args: string[]) => readCommandLine(args, DEFAULTS);

test('what is not given has its default, and the seed is another one each time', () => {
  const [one, other] = [read()!, read()!];
  expect(one).toMatchObject({ counts: DEFAULTS, engines: 3, only: undefined, json: undefined });
  expect(one.seed).not.toBe(other.seed);
  expect(read('--generations', '0', '--seed', '7', '--json', 'x')).toMatchObject({
    ...{ seed: 7, json: 'x', counts: { embeddings: 10, pairs: 5, generations: 0 } },
  });
  expect(read('--help')).toBeUndefined();
});

test('the command that runs one round again has all that the round is made of', () => {
  const given = read('--seed', '9', '--embeddings', '77', '--engines', '2')!;
  const again = commandOf(given, 4).replace('npm run stress -- ', '').split(' ');
  expect(read(...again)).toEqual({ ...given, only: 4 });
});

test('what cannot be understood is refused', () => {
  expect(() => read('--embeddings', '1.5')).toThrow(
    'Expected --embeddings to be a whole number of at least 0, got 1.5.',
  );
  expect(() => read('--engines', '0')).toThrow('at least 1, got 0');
  expect(() => read('--embedings', '1')).toThrow("Unknown option '--embedings'");
  expect(() => read('10')).toThrow(/positional/);
});
