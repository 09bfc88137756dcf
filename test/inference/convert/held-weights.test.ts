// Weights that engines have mapped: only other bytes in the very file count as a change.

import { chmodSync, linkSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { holdWeights } from '../../../workers/inference/convert/folder/held-weights.ts';
import { hashFile } from '../../../workers/inference/store/blobs.ts';
import { ECHO_TEXT_MODEL } from '../../fleet/support/echo-models.ts';
import { temporaryFolder } from './tiny-source.ts';

async function held() {
  const path = temporaryFolder();
  const file = join(path, 'graph.data');
  writeFileSync(file, Buffer.alloc(3_000_000, 7));
  const files = { 'graph.data': { sha256: await hashFile(file), bytes: 3_000_000 } };
  const weights = await holdWeights({ path, description: { ...ECHO_TEXT_MODEL.description, files } });
  onTestFinished(() => weights.close());
  return { path, file, weights };
}

test('a byte that is written in place is a change, and so is a cut', async () => {
  const { file, weights } = await held();
  expect(await weights.changed()).toBe(false);
  const bytes = readFileSync(file);
  bytes[2_999_999] = 8;
  writeFileSync(file, bytes, { flag: 'r+' });
  expect(await weights.changed()).toBe(true);
  bytes[2_999_999] = 7;
  writeFileSync(file, bytes, { flag: 'r+' });
  expect(await weights.changed()).toBe(false);
  truncateSync(file, 1000);
  expect(await weights.changed()).toBe(true);
});

test('equal bytes, other rights, a further link, a file in its place and its end are none', async () => {
  const { path, file, weights } = await held();
  writeFileSync(file, readFileSync(file), { flag: 'r+' });
  expect(await weights.changed()).toBe(false);
  chmodSync(file, 0o600);
  linkSync(file, join(path, 'link'));
  expect(await weights.changed()).toBe(false);
  writeFileSync(`${file}.new`, 'others');
  renameSync(`${file}.new`, file);
  expect(await weights.changed()).toBe(false);
  rmSync(path, { recursive: true });
  expect(await weights.changed()).toBe(false);
});
