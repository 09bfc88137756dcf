import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Makes and drops objects as a busy worker does, and tells the space for new ones before, and at its largest, in MB. */
const WORK = `
import { getHeapSpaceStatistics } from 'node:v8';
import { holdYoungGeneration } from '${new URL('../../workers/fleet/young-generation.ts', import.meta.url)}';
const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
const before = young();
if (process.argv[1] === 'held') holdYoungGeneration();
let held = [];
let most = 0;
for (let turn = 0; turn < 400; turn++) {
  for (let i = 0; i < 5000; i++) held.push({ turn, text: 'request ' + i, params: [i] });
  if (held.length > 100_000) held = held.slice(50_000);
  await new Promise((resolve) => setImmediate(resolve));
  most = Math.max(most, young());
}
console.log(JSON.stringify({ before, most }));
`;

test('the space for new objects grows to two halves of 16 MB and no further', async () => {
  const run = promisify(execFile);
  const flags = ['--no-warnings', '--input-type=module', '--eval', WORK];
  // So high a limit as V8 has by itself on a machine with much memory.
  const grown = async (how: string) =>
    JSON.parse((await run(process.execPath, ['--max-semi-space-size=128', ...flags, how])).stdout);
  expect((await grown('free')).most).toBeGreaterThanOrEqual(64);
  const { before, most } = await grown('held');
  expect(before).toBeLessThan(4);
  expect(most).toBeGreaterThanOrEqual(16);
  expect(most).toBeLessThan(64);
});
