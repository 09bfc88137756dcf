// The summary of a test run, from a real run of a small project.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const REPORTER = fileURLToPath(new URL('summary-reporter.ts', import.meta.url));
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/** The lines that a run over these files prints. No import: the test functions are globals there. */
function run(files: Readonly<Record<string, string>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'steadytext-summary-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
    const words = ['--root', root, '--globals', '--reporter=default', `--reporter=${REPORTER}`];
    const { stdout } = spawnSync(process.execPath, [VITEST, 'run', ...words], {
      encoding: 'utf8',
    });
    return stdout.trimEnd().split('\n');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test('the last line counts, and the lines before it name what was skipped and why', () => {
  const lines = run({
    'a.test.js': `
      test('good', () => {});
      test('bad', () => { expect(1).toBe(2); });
      test('without a tool', (context) => context.skip('no psql here'));
      test.skip('for no reason', () => {});`,
    'b.test.js': `test('also good', () => {});`,
  });
  expect(lines.at(-1)).toBe('2 passed, 1 failed, 2 skipped');
  expect(lines.slice(-3, -1)).toEqual([
    expect.stringMatching(/^skipped: .*a\.test\.js > for no reason: no reason given$/),
    expect.stringMatching(/^skipped: .*a\.test\.js > without a tool: no psql here$/),
  ]);
});

test('a file that does not load and a hook that fails are failures too', () => {
  const lines = run({
    'a.test.js': `throw new Error('not today');`,
    'b.test.js': `afterAll(() => { throw new Error('left something'); }); test('good', () => {});`,
    'c.test.js': `describe('inner', () => { afterAll(() => { throw new Error('left something'); }); test('good', () => {}); });`,
  });
  expect(lines.at(-1)).toBe('2 passed, 3 failed, 0 skipped');
});
