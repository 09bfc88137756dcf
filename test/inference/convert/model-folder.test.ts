// Opening a converted folder: every byte is what was written, or one sentence says which file is not.

import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONVERTER_VERSION } from '../../../workers/inference/convert/converter-version.ts';
import { FILE_NAMES } from '../../../workers/inference/convert/folder/description.ts';
import { openModelFolder } from '../../../workers/inference/convert/folder/open-model-folder.ts';
import { tinyBert } from './tiny-bert.ts';
import { convertTiny, embeddingSource } from './tiny-source.ts';

async function convertedFolder(): Promise<string> {
  return (await convertTiny(embeddingSource(tinyBert(1)), 'nb8')).path;
}

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = bytes[at]! ^ 0x10;
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, bytes, at, 1, at);
  closeSync(descriptor);
}

type Description = Record<string, unknown> & { files: object };

function editDescription(path: string, edit: (description: Description) => object): void {
  const file = join(path, 'model.json');
  writeFileSync(file, JSON.stringify(edit(JSON.parse(readFileSync(file, 'utf8')))));
}

test('a converted folder opens with its description', async () => {
  const path = await convertedFolder();
  const { description } = await openModelFolder(path);
  expect(Object.keys(description.files).sort()).toEqual([...FILE_NAMES].sort());
  expect(description).toMatchObject({
    format: 'nb8',
    converterVersion: CONVERTER_VERSION,
    shape: { architecture: 'bert', hidden: 64 },
  });
});

describe('one flipped byte is found', () => {
  test.for(FILE_NAMES)('in %s', async (name) => {
    const path = await convertedFolder();
    await openModelFolder(path);
    flipByte(join(path, name), 1);
    await expect(openModelFolder(path)).rejects.toMatchObject({
      name: 'ModelCorrupt',
      message: expect.stringMatching(new RegExp(`${name} with sha256 [0-9a-f]{64}, got [0-9a-f]{64}$`)),
    });
  });

  test('also where no time of the file tells, by reading every byte on demand', async () => {
    const path = await convertedFolder();
    flipByte(join(path, 'graph.data'), 5000);
    // A disk that loses a bit changes no times: the stamp of the last check is still that of the file.
    const stamps = ['model.json', ...FILE_NAMES].map((name) => {
      const { size, mtimeNs, ctimeNs } = statSync(join(path, name), { bigint: true });
      return `${name} ${size} ${mtimeNs} ${ctimeNs}\n`;
    });
    writeFileSync(join(path, '.checked'), stamps.join(''));
    await openModelFolder(path);
    await expect(openModelFolder(path, { digests: 'always' })).rejects.toMatchObject({ name: 'ModelCorrupt' });
  });
});

test('what has been read once is not read again until it changes', async () => {
  const path = await convertedFolder();
  await openModelFolder(path);
  const stamp = join(path, '.checked');
  const before = readFileSync(stamp, 'utf8');
  rmSync(stamp);
  await openModelFolder(path);
  expect(readFileSync(stamp, 'utf8')).toBe(before);
  utimesSync(join(path, 'graph.data'), 1, 1);
  await openModelFolder(path);
  expect(readFileSync(stamp, 'utf8')).not.toBe(before);
});

test.for([
  ['no folder', (path: string) => renameSync(path, `${path}.away`), /model\.json cannot be read \(ENOENT\)/],
  ['no description', (path: string) => rmSync(join(path, 'model.json')), /model\.json cannot be read \(ENOENT\)/],
  [
    'half a description',
    (path: string) => writeFileSync(join(path, 'model.json'), '{"name": "x'),
    /expected JSON in model/,
  ],
  ['no weights', (path: string) => rmSync(join(path, 'graph.data')), /expected a file graph\.data, got none/],
  [
    'longer weights',
    (path: string) => appendFileSync(join(path, 'graph.data'), 'x'),
    /graph\.data of \d+ bytes, got \d+/,
  ],
  [
    'weights elsewhere',
    (path: string) => {
      renameSync(join(path, 'graph.data'), `${path}.data`);
      symlinkSync(`${path}.data`, join(path, 'graph.data'));
    },
    /expected graph\.data to be a file of the folder, got a link/,
  ],
  [
    'one file more',
    (path: string) => editDescription(path, ({ files, ...rest }) => ({ ...rest, files: { ...files, '../x': {} } })),
    /model\.json: files: /,
  ],
  [
    'an unknown format',
    (path: string) => editDescription(path, (d) => ({ ...d, format: 'nb2' })),
    /model\.json: format: /,
  ],
] as const)('%s is told', async ([, damage, message]) => {
  const path = await convertedFolder();
  damage(path);
  await expect(openModelFolder(path)).rejects.toMatchObject({
    name: 'ModelCorrupt',
    message: expect.stringMatching(message),
  });
});

test('a folder of another converter is not loaded', async () => {
  const path = await convertedFolder();
  editDescription(path, (description) => ({ ...description, converterVersion: 99 }));
  await expect(openModelFolder(path)).rejects.toMatchObject({
    name: 'ModelUnsupported',
    message: expect.stringContaining(`expected a model of converter version ${CONVERTER_VERSION}, got version 99`),
  });
});
