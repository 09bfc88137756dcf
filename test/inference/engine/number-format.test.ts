// An engine looks at the number format of a model folder itself: caches are shared between machines, and row8 on a CPU whose
// sums of byte products overflow would give wrong numbers instead of an error.

import { afterAll, expect, onTestFinished, test } from 'vitest';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import { startEngineProcess } from '../../../workers/inference/process/engine-process.ts';
import { failure } from './conformance/given.ts';
import { makeTinyModels } from './tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

test.for([
  ['an engine in this process', createLocalEngine],
  ['an engine process', startEngineProcess],
] as const)('%s refuses row8 on a CPU without VNNI, and runs nb8 there', async ([, start]) => {
  const engine = start({ cpu: 'x64-avx2' });
  onTestFinished(() => engine.close());
  for (const folder of [await tiny.text('row8'), await tiny.embedding('row8')]) {
    const { name } = folder.description;
    expect(await failure(engine.load(folder))).toMatchObject({
      name: 'ModelUnsupported',
      message: `expected a CPU of class x64-amx, x64-avx512vnni, x64-avxvnni to run ${name} in row8, this one is x64-avx2`,
      hint: expect.stringContaining('nb8'),
    });
  }
  expect(await engine.describe()).toMatchObject({ models: [], cpuClass: 'x64-avx2' });
  expect(await engine.load(await tiny.embedding('nb8'))).toMatchObject({ format: 'nb8' });
  expect((await engine.embed({ model: 'tiny-embedding', texts: ['a'] })).vectors).toHaveLength(1);
});
