// A number that is none, in any tensor that a graph is made of: the converter refuses it. In whole rows of 8 bits nobody would notice
// it later, since rounding makes a number of it.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FileBytes } from '../../../workers/inference/convert/read/file-bytes.ts';
import { readGgufHeader } from '../../../workers/inference/convert/read/gguf-header.ts';
import { tinyCrossEncoder, tinyEncoder } from '../engine/tiny-encoders.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { ROWS } from '../formats.ts';
import { safetensorsBytes } from './safetensors-writer.ts';
import { tinyDecoder } from './tiny-decoder.ts';
import { convertTiny, temporaryFolder, textSource } from './tiny-source.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const REFUSED = { name: 'ModelCorrupt', message: expect.stringContaining('expected finite numbers in tensor') };

test.for(['llama', 'qwen2', 'qwen3'] as const)('in each tensor of a %s', async (family) => {
  const { bytes } = tinyDecoder(family, 1);
  const file = join(temporaryFolder(), 'model.gguf');
  writeFileSync(file, bytes);
  const read = new FileBytes(file);
  const { tensors } = readGgufHeader(read);
  read.close();
  const ofOneBlock = [...tensors.values()].filter(({ name }) => !name.startsWith('blk.0.'));
  for (const [i, { name, offset, bytes: length }] of ofOneBlock.entries()) {
    const broken = Buffer.from(readFileSync(file));
    const last = offset + length - 4;
    broken.writeFloatLE([Number.NaN, Number.POSITIVE_INFINITY][i % 2]!, i % 3 === 0 ? offset : last);
    await expect(convertTiny(textSource(broken), ROWS), name).rejects.toMatchObject(REFUSED);
  }
});

test.for([
  ['an encoder', 'embedding', tinyEncoder(1)],
  ['a cross-encoder', 'reranking', tinyCrossEncoder(1)],
] as const)('in each tensor of %s', async ([, kind, { sources, model }]) => {
  for (const [name, tensor] of Object.entries(model.tensors)) {
    // The pooler is read for scores alone.
    if (name.includes('layer.0.') || (kind === 'embedding' && name.startsWith('pooler.'))) continue;
    const values = Float32Array.from(tensor.values);
    values[0] = Number.NaN;
    const weights = safetensorsBytes({ ...model.tensors, [name]: { ...tensor, values } });
    await expect(tiny.of('none', kind, ROWS, { ...sources, weights }), name).rejects.toMatchObject(REFUSED);
  }
});
