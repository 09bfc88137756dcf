// Writing the user's own manifest, by several commands at once and after one that was killed.

import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseManifest, readUserManifest } from '../../../workers/inference/store/manifest.ts';
import { registerEntry } from '../../../workers/inference/store/user-manifest.ts';
import { manifestEntry, tempFolder, tinyModel } from './support.ts';

const entryOf = (name: string) => parseManifest({ models: [manifestEntry(tinyModel(name, 10))] }, 'test')[0]!;
const namesIn = (folder: string) =>
  readUserManifest(folder)
    .map(({ name }) => name)
    .sort();

test('entries that are written at the same moment are all there', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (let round = 0; round < 20; round++) {
    const folder = await tempFolder();
    await Promise.all(names.map((name) => registerEntry(folder, entryOf(name), { replace: false })));
    expect(namesIn(folder)).toEqual(names);
    expect(await readdir(folder)).toEqual(['manifest.json']);
  }
});

test('one that is refused leaves nothing behind and the manifest as it is', async () => {
  const folder = await tempFolder();
  await registerEntry(folder, entryOf('a'), { replace: false });
  await expect(registerEntry(folder, entryOf('a'), { replace: false })).rejects.toMatchObject({
    name: 'InvalidOption',
  });
  // Before another one comes, which would wait for what it left, and then remove it.
  expect(await readdir(folder)).toEqual(['manifest.json']);
  const others = [entryOf('a'), entryOf('b')].map((entry) => registerEntry(folder, entry, { replace: false }));
  await expect(others[0]).rejects.toMatchObject({ name: 'InvalidOption' });
  await others[1];
  expect(namesIn(folder)).toEqual(['a', 'b']);
  expect(await readdir(folder)).toEqual(['manifest.json']);
});

test.each([
  ['a minute ago', -60],
  ['before the clock was set back', 60],
])('what a killed command left %s is in nobody’s way', async (_, seconds) => {
  const folder = await tempFolder();
  const left = join(folder, '.manifest.json-next');
  await writeFile(left, '{"models": [');
  const time = Date.now() / 1000 + seconds;
  await utimes(left, time, time);
  await registerEntry(folder, entryOf('a'), { replace: false });
  expect(namesIn(folder)).toEqual(['a']);
  expect(await readdir(folder)).toEqual(['manifest.json']);
});
