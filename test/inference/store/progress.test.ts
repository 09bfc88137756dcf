// The progress that commands show: bars for a terminal, few plain lines for everything else.

import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createProgress, lineProgress } from '../../../workers/commands/progress.ts';

test('without a terminal there is a line every five seconds at most, and one at the end', () => {
  const stream = new PassThrough();
  let now = 0;
  const task = lineProgress(stream, () => now).start('tiny', 200_000_000);
  for (let second = 1; second <= 12; second++) {
    now = second * 1000;
    task.update(second * 10_000_000);
  }
  task.end();
  expect(String(stream.read()).split('\n')).toEqual([
    'tiny: 25 %, 50 MB of 200 MB, 5.0 s',
    'tiny: 50 %, 100 MB of 200 MB, 10.0 s',
    'tiny: 60 %, 120 MB of 200 MB, 12.0 s, ended',
    '',
  ]);
});

test('where the end is not known, what is done and the time are told', () => {
  const stream = new PassThrough();
  const task = lineProgress(stream, () => 0).start('reading', null, 'files');
  task.update(9);
  task.end();
  expect(String(stream.read())).toBe('reading: 9 files, 0.0 s, ended\n');
});

test('a terminal gets a bar that ends full', () => {
  const terminal = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    rows: 20,
    cursorTo: () => true,
    clearLine: () => true,
  });
  const task = createProgress(terminal).start('tiny', 1000);
  task.update(1000);
  task.end();
  const drawn = String(terminal.read());
  expect(drawn).toContain('█ 100 %, 1.0 kB of 1.0 kB');
});
