// How large a converted model is, told before it is written.

import { isInRows, type NumberFormat } from '../choose-format.ts';
import { isReadyMade } from '../model-folder.ts';
import { BLOCK } from './graphs/blocks8.ts';
import { OUTPUT } from './graphs/gguf-tensors.ts';
import type { SourceModel } from './source-model.ts';

const FLOATS_IN_ROW8U = /\.(attention\.self\.(query|key|value)|intermediate\.dense)\.weight$/;

/**
 * Within a few percent: vectors stay floats in every format, and tensors begin at multiples of 4096. In whole rows only the embedding
 * table is in blocks, each with a scale; of the other matrices a whole row has one. nb4 has its matrices in 4 bits, and two floats a block. What row8u leaves floats (layers.ts) is named here.
 */
export function convertedBytes({ file, shape, ownBytes }: SourceModel, format: NumberFormat): number {
  if (isReadyMade(shape) || ownBytes !== undefined) return ownBytes ?? 0;
  const numbers = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + file.shape(name).reduce((product, size) => product * size, 1), 0);
  const own = numbers(file.names);
  const floats = format === 'row8u' ? numbers(file.names.filter((name) => FLOATS_IN_ROW8U.test(name))) : 0;
  // In rotated coordinates a head that was the embedding table is a matrix of its own.
  const tied = !shape.architecture.startsWith('bert') && !file.names.includes(OUTPUT);
  if (format === 'fp32') return own * 4;
  const table = shape.vocabulary * shape.hidden;
  if (format === 'nb4') {
    const inBytes = table * (file.names.includes(OUTPUT) ? 2 : 1);
    return Math.ceil(inBytes * (1 + 4 / BLOCK) + (own - inBytes) * (1 / 2 + 8 / BLOCK));
  }
  const [values, inBlocks] = isInRows(format) ? [own + (tied ? table : 0), table] : [own, own];
  return Math.ceil(values + 3 * floats + inBlocks * (4 / BLOCK));
}
