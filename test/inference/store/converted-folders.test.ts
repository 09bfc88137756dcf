// What the store says of converted folders: counted, verified and removed with their model.

import { copyFile, cp, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONVERTER_VERSION } from '../../../workers/inference/convert/converter-version.ts';
import { filesBelow, modelDigestOf, pulledTiny, sha256 } from './support.ts';

describe('a converted folder', () => {
  async function withConverted() {
    const pulled = await pulledTiny();
    const folder = join(pulled.store.convertedRoot('tiny'), 'nb8');
    await mkdir(folder, { recursive: true });
    const graph = Buffer.from('a graph');
    await writeFile(join(folder, 'graph.onnx'), graph);
    const files = { 'graph.onnx': { sha256: sha256(graph), bytes: graph.length } };
    await writeFile(
      join(folder, 'model.json'),
      JSON.stringify({
        digest: modelDigestOf(pulled.model),
        format: 'nb8',
        converterVersion: CONVERTER_VERSION,
        files,
      }),
    );
    return { ...pulled, folder };
  }

  test('is listed by its format, and read by verify', async () => {
    const { store } = await withConverted();
    expect((await store.list())[2]?.converted).toEqual(['nb8']);
    expect(await store.verify()).toEqual({ checkedFiles: 3, damaged: [] });
  });

  test.each([
    [
      'a flipped byte',
      (folder: string) => writeFile(join(folder, 'graph.onnx'), 'a graqh'),
      'graph.onnx',
      'expected sha256',
    ],
    [
      'a file cut short',
      (folder: string) => writeFile(join(folder, 'graph.onnx'), 'a'),
      'graph.onnx',
      'expected 7 bytes, got 1',
    ],
    [
      'a file swapped for another model',
      (folder: string) => copyFile(join(folder, 'graph.onnx'), join(folder, 'model.json')),
      'model.json',
      'expected a model description',
    ],
  ])('with %s is named by verify, and alone removed by what it says', async (_what, damage, file, problem) => {
    const { store, folder, cacheDir } = await withConverted();
    const good = `${folder}-beside`;
    await cp(folder, good, { recursive: true });
    const fetched = await filesBelow(join(cacheDir, 'models', 'blobs'));
    await damage(folder);
    const { damaged } = await store.verify();
    expect(damaged).toMatchObject([{ model: 'tiny', path: join(folder, file), remedy: 'steadytext models pull tiny' }]);
    expect(damaged[0]?.problem).toContain(problem);
    await store.pull('tiny');
    expect(await readdir(store.convertedRoot('tiny'))).toEqual([basename(good)]);
    expect(await filesBelow(join(cacheDir, 'models', 'blobs'))).toEqual(fetched);
    expect(await filesBelow(join(cacheDir, 'models', 'tmp'))).toEqual([]);
    expect((await store.verify()).damaged).toEqual([]);
  });

  test('is taken away by a pull where it is damaged, and not where it could not be read or is of a later release', async () => {
    const { store, folder } = await withConverted();
    const described = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    const write = (name: string, description: unknown) =>
      writeFile(join(folder, name), typeof description === 'string' ? description : JSON.stringify(description));
    const kept = async () => {
      await store.pull('tiny');
      return (await readdir(store.convertedRoot('tiny'))).length;
    };
    // A folder in place of a file: what is there cannot be read as one.
    await rm(join(folder, 'graph.onnx'));
    await mkdir(join(folder, 'graph.onnx'));
    const { size } = await stat(join(folder, 'graph.onnx'));
    const files = { 'graph.onnx': { sha256: 'a'.repeat(64), bytes: size } };
    await write('model.json', { ...described, files });
    expect(await kept()).toBe(1);
    await rm(join(folder, 'graph.onnx'), { recursive: true });
    await write('model.json', { ...described, converterVersion: CONVERTER_VERSION + 1 });
    expect(await kept()).toBe(1);
    await write('model.json', { version: 9, parts: [] });
    expect(await kept()).toBe(1);
    await write('model.json', '{"dig');
    expect(await kept()).toBe(0);
  });

  test('without a description was never finished, and does not count', async () => {
    const { store } = await withConverted();
    await mkdir(join(store.convertedRoot('tiny'), 'half'));
    expect((await store.list())[2]?.converted).toEqual(['nb8']);
  });

  test('whose description this user may not read is there all the same: listed, told by verify, and removed', async () => {
    const { store, folder } = await withConverted();
    // A file that may not be read, even by root.
    await rm(join(folder, 'model.json'));
    await mkdir(join(folder, 'model.json'));
    expect((await store.list())[2]?.converted).toEqual(['unreadable']);
    const problem = expect.stringMatching(/^cannot be read: EISDIR/);
    expect((await store.verify()).damaged).toMatchObject([{ path: join(folder, 'model.json'), problem }]);
    expect(await store.remove('tiny')).toMatchObject({ convertedFolders: 1 });
  });

  test.for([
    ['by an older converter', { converterVersion: CONVERTER_VERSION - 1 }, 'outdated'],
    ['from other files', { digest: 'f'.repeat(64) }, 'outdated'],
    ['by a newer converter', { converterVersion: CONVERTER_VERSION + 1, digest: 'f'.repeat(64) }, 'newer'],
  ] as const)('made %s is listed as such, and removed alone if it is outdated', async ([_, change, state]) => {
    const { store, folder } = await withConverted();
    const other = `${folder}-other`;
    await cp(folder, other, { recursive: true });
    const description = JSON.parse(await readFile(join(other, 'model.json'), 'utf8'));
    await writeFile(join(other, 'model.json'), JSON.stringify({ ...description, ...change }));
    expect((await store.list())[2]?.converted).toEqual(['nb8', state].sort());
    // Whoever has a file of it open, as an engine has, can read on.
    await using graph = await open(join(other, 'graph.onnx'));
    expect(await store.removeOutdated('tiny')).toBe(state === 'outdated' ? 1 : 0);
    expect(await graph.readFile('utf8')).toBe('a graph');
    expect((await store.list())[2]).toMatchObject({
      files: 'present',
      converted: state === 'outdated' ? ['nb8'] : ['nb8', state],
    });
    expect(await store.verify()).toMatchObject({ damaged: [] });
  });

  test('goes with its model', async () => {
    const { store, cacheDir } = await withConverted();
    expect(await store.remove('tiny')).toMatchObject({ convertedFolders: 1 });
    expect(await filesBelow(cacheDir)).toEqual([]);
  });
});
