// What is remembered of a check of a file that is changed meanwhile.

import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { blobFolder, blobPath, checkBlob } from '../../../workers/inference/store/blobs.ts';
import { sha256, tempFolder } from './support.ts';

const MIB = 1 << 20;

/** How far this process has read in a file; undefined while it is not open. */
function readUpTo(path: string): number | undefined {
  for (const number of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(join('/proc/self/fd', number)) !== path) continue;
      return Number(/^pos:\s*(\d+)/m.exec(readFileSync(join('/proc/self/fdinfo', number), 'utf8'))![1]);
    } catch {
      // Closed since the folder was listed.
    }
  }
  return undefined;
}

test('a file that is changed while it is read is read again', async (context) => {
  if (!existsSync('/proc/self/fdinfo')) context.skip('how far a file was read is seen in /proc, which only Linux has');
  const root = await tempFolder();
  const body = Buffer.alloc(64 * MIB, 'weights');
  const key = { sha256: sha256(body), bytes: body.length };
  const path = blobPath(root, key);
  await mkdir(blobFolder(root), { recursive: true });
  await writeFile(path, body);
  const minuteAgo = Date.now() / 1000 - 60;
  await utimes(path, minuteAgo, minuteAgo);

  const checking = checkBlob(root, key);
  while (!((readUpTo(path) ?? 0) >= MIB)) await nextTurn();
  const file = openSync(path, 'r+');
  writeSync(file, 'W', 0);
  closeSync(file);
  expect(readUpTo(path)).toBeLessThan(body.length);
  // All that was read was as it should be, what is there now is not.
  expect(await checking).toEqual({ state: 'good' });
  expect(await checkBlob(root, key)).toMatchObject({ state: 'damaged' });
});
