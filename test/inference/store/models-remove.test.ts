// `steadytext models remove` and files that no source gives again.

import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { world } from './models-world.ts';
import { filesBelow, manifestEntry, putByHand, sha256, tempFolder, tinyModel, weightsOf } from './support.ts';

/** Two models from a folder, in a manifest that names no source, as `models add` writes it for a file of this machine. */
async function withoutSources() {
  const [one, two] = [tinyModel('one'), tinyModel('two')];
  const modelDir = await tempFolder();
  const models = [one, two].map((model) => ({ ...manifestEntry(model), sources: {} }));
  await writeFile(join(modelDir, 'manifest.json'), JSON.stringify({ models }));
  for (const model of [one, two]) await putByHand(modelDir, model);
  const cacheDir = await tempFolder();
  const open = () => world({ STEADYTEXT_MODEL_DIR: modelDir, STEADYTEXT_CACHE_DIR: cacheDir });
  await open().run('pull', 'one', 'two');
  const blobs = join(cacheDir, 'models', 'blobs');
  return { one, two, modelDir, blobs, open };
}

describe('models remove', () => {
  test('deletes what lies in the folder of the models too', async () => {
    const { blobs, open } = await withoutSources();
    const { run, stdout } = open();
    await run('remove', 'one', 'two');
    expect(stdout.text).toBe(
      'one: 2 files and 0 converted folders removed\ntwo: 2 files and 0 converted folders removed\n',
    );
    expect(await filesBelow(blobs)).toEqual([]);
  });

  test('counts one as one', async () => {
    const { one, modelDir, blobs, open } = await withoutSources();
    const { files, ...rest } = manifestEntry(one);
    const models = [{ ...rest, files: files.slice(0, 1), sources: {} }];
    await writeFile(join(modelDir, 'manifest.json'), JSON.stringify({ models }));
    const converted = join(blobs, '..', 'converted', 'one', 'nb8');
    await mkdir(converted, { recursive: true });
    await writeFile(join(converted, 'model.json'), '{}');
    const { run, stdout } = open();
    await run('remove', 'one', '--force');
    expect(stdout.text).toBe('one: 1 file and 1 converted folder removed\n');
  });

  test('refuses the only copies of files, all of them at once, until it is told to', async () => {
    const { one, two, modelDir, blobs, open } = await withoutSources();
    await rm(join(modelDir, 'one'), { recursive: true });
    // Another file of the same name gives nothing back.
    await writeFile(join(modelDir, 'two', weightsOf(two).path), 'another one');
    const before = await filesBelow(blobs);
    const refused = open();
    const line = (model: typeof one, index: number, size: string) => {
      const { path, body } = model.files[index]!;
      return `  ${model.name}: ${path}, ${size}, is nowhere else than in ${blobs}/sha256-${sha256(body)}`;
    };
    await expect(refused.run('remove', 'two', 'one')).rejects.toMatchObject({
      name: 'InvalidOption',
      message: [
        'Expected --force to delete what no source gives again, got none; nothing was removed',
        ...[line(two, 0, '200 kB'), line(one, 0, '200 kB'), line(one, 1, '15 B')],
      ].join('\n'),
      hint: expect.stringContaining('`steadytext models pull` makes it anew'),
    });
    expect(refused.stdout.text).toBe('');
    expect(await filesBelow(blobs)).toEqual(before);
    await open().run('remove', 'one', 'two', '--force');
    expect(await filesBelow(blobs)).toEqual([]);
  });

  test('takes a link into the cache for no second copy', async () => {
    const { one, modelDir, blobs, open } = await withoutSources();
    const { path, body } = weightsOf(one);
    await rm(join(modelDir, 'one', path));
    await symlink(join(blobs, `sha256-${sha256(body)}`), join(modelDir, 'one', path));
    const before = await filesBelow(blobs);
    await expect(open().run('remove', 'one')).rejects.toMatchObject({
      message: expect.stringContaining(`  one: ${path}, `),
    });
    expect(await filesBelow(blobs)).toEqual(before);
  });

  test('takes --force for fetched files alone', async () => {
    const { open } = await withoutSources();
    await expect(open().run('remove', '--outdated', '--force')).rejects.toMatchObject({
      code: 'commander.conflictingOption',
    });
  });
});

test.each(['pull', 'remove'])('models %s tells all names that no manifest has, and does nothing', async (verb) => {
  const { blobs, open } = await withoutSources();
  const before = await filesBelow(blobs);
  await expect(open().run(verb, 'none', 'one', 'neither')).rejects.toMatchObject({
    name: 'InvalidOption',
    message:
      'Expected models of the manifest (smollm2-135m-instruct, all-minilm-l6-v2, one, two), got "none", "neither"',
  });
  expect(await filesBelow(blobs)).toEqual(before);
});
