// A pull that cannot succeed: what its user is told of the cache, of the sources, and of the way by hand.

import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  manifestEntry,
  modelDirFor,
  openOffline,
  putByHand,
  sha256,
  tempFolder,
  tinyModel,
  weightsOf,
} from './support.ts';

test('a damaged file of the cache is told as damaged, and not as missing', async () => {
  const model = tinyModel();
  const [cacheDir, modelDir] = [await tempFolder(), await modelDirFor(model)];
  await putByHand(modelDir, model);
  const store = openOffline({ cacheDir, modelDir });
  const { weights } = await store.pull('tiny');
  await chmod(weights!, 0o644);
  await writeFile(weights!, 'something else');
  await rm(join(modelDir, 'tiny'), { recursive: true });
  const expected = `damaged: expected sha256 ${sha256(weightsOf(model).body)} of model.safetensors, got `;
  await expect(store.pull('tiny')).rejects.toMatchObject({
    name: 'ModelUnavailable',
    message: expect.stringContaining(
      `cache ${cacheDir}/models/blobs: ${expected}${sha256(Buffer.from('something else'))}`,
    ),
  });
});

test('a model that nobody offers is brought by hand, and no command is promised', async () => {
  const model = tinyModel();
  const [cacheDir, modelDir] = [await tempFolder(), await tempFolder()];
  const entry = { ...manifestEntry(model), sources: {} };
  await writeFile(join(modelDir, 'manifest.json'), JSON.stringify({ models: [entry] }));
  const error = await openOffline({ cacheDir, modelDir })
    .pull('tiny')
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'ModelUnavailable' });
  expect((error as { hint: string }).hint.split('\n').slice(0, 2)).toEqual([
    'Bring the files by hand, so that there is',
    expect.stringContaining(`${modelDir}/tiny/model.safetensors  200000 bytes  sha256 `),
  ]);
});
