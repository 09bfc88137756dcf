// What all benches share: their options, ratios within rounds against bars, and the file of JSON.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { judged, median, percentile, ratioOf, readOptions, spread } from '../../../scripts/bench/measure.ts';
import { Report } from '../../../scripts/bench/report.ts';

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  for (const method of ['log', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line) => void said.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

describe('options', () => {
  const read = (...given: string[]) => readOptions('HELP', { rounds: 5, 'sql-texts': 10 }, ['sql-texts'], given);

  test('what is not given has its default, and every bench takes a file for JSON', () => {
    expect(read()).toEqual({ rounds: 5, 'sql-texts': 10 });
    expect(read('--sql-texts', '0', '--json', 'a file', '--rounds', '7')).toEqual({
      ...{ rounds: 7, 'sql-texts': 0, json: 'a file' },
    });
    expect(process.exitCode).toBeUndefined();
  });

  test('help is no error', () => {
    expect(read('--help')).toBeUndefined();
    expect(said).toEqual(['HELP']);
    expect(process.exitCode).toBeUndefined();
  });

  test.each([
    ['--rounds', '0'],
    ['--rounds', '1.5'],
    ['--rounds', '-1'],
    ['--rounds', ''],
    ['--rounds'],
    ['rounds', '3'],
    ['--json'],
    ['--round', '3'],
    ['--toString', '3'],
  ])('%s %s is refused with status 2', (...given) => {
    expect(read(...given)).toBeUndefined();
    expect(said[0]).toBe(
      `Expected --rounds N, --sql-texts N, --json FILE, N a whole number (0 for --sql-texts alone), got ${given.join(' ')}.`,
    );
    expect(process.exitCode).toBe(2);
  });
});

test('the middle, a percentile and the spread of figures in any order', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile([7], 0.01)]).toEqual([50, 99, 7]);
  expect(spread([3, 1000, 20])).toBe('20.0 (3.0–1000)');
});

const compared = { what: 'w', ours: [10, 40, 90], theirs: [10, 20, 30], rival: 'r', unit: 'u' };

test('a ratio is taken within a round, and each bar has its verdict', () => {
  expect(ratioOf(compared)).toBe(2);
  expect(judged(compared)).toEqual({ line: 'w: ours 40.0 (10.0–90.0), r 20.0 (10.0–30.0) u → 2.00×', ratio: 2 });
  const two = judged({ ...compared, bars: [2, 2.5] });
  expect(two).toMatchObject({ ratio: 2, reached: false });
  expect(two.line).toMatch(/2\.00×, bar 2× reached, bar 2\.5× MISSED$/);
});

test('a comparison that misses its bar is status 1, one without a bar is not', async () => {
  const report = new Report('embed');
  report.compare(compared);
  await report.end(undefined);
  expect(process.exitCode).toBeUndefined();
  report.compare({ ...compared, bars: [3] });
  report.compare({ ...compared, bars: [1] });
  await report.end(undefined);
  expect(process.exitCode).toBe(1);
  expect(report.kept).toMatchObject({
    reached: false,
    comparisons: [{ ratio: 2 }, { reached: false }, { reached: true }],
  });
});

test('the file has all figures and verdicts, and one missed bar is status 1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'steadytext-report-'));
  try {
    const report = new Report('rerank');
    report.conditions({ rounds: 3 });
    report.compare({ ...compared, bars: [2] });
    report.tell('no bar', { figure: 1 });
    await report.end(undefined);
    expect(process.exitCode).toBeUndefined();
    report.tell('a bar', { figure: 2 }, false);
    report.tell('another bar', { figure: 3 }, true);
    const file = join(folder, 'figures.json');
    await report.end(file);
    expect(process.exitCode).toBe(1);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      bench: 'rerank',
      conditions: { rounds: 3, Node: process.version },
      comparisons: [{ ...compared, bars: [2], ratio: 2, reached: true }],
      figures: [{ figure: 1 }, { figure: 2, reached: false }, { figure: 3, reached: true }],
      reached: false,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
