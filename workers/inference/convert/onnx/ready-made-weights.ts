// Weights that lie beside a ready-made graph: in one file, which the store gives; whatever path the graph names is not followed.

import { FileBytes } from '../read/file-bytes.ts';
import { corrupt, unsupported } from '../read/source-errors.ts';
import type { ReadExternal } from './move-weights.ts';
import { type OnnxModel, refuseHiddenWeights } from './onnx-model.ts';

export interface ExternalWeights {
  readonly bytes: number;
  readonly read: ReadExternal;
  close(): void;
}

const PIECE = 1 << 20;
/** Bits of a number of each element type, where they are fixed. */
const BITS: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 16: 16, 21: 4, 22: 4 },
};

/** What the graph calls the files of its weights, each once. */
export function weightPlaces(model: OnnxModel): string[] {
  return [...new Set(externalTensors(model).map(({ external }) => external.get('location') ?? ''))];
}

function externalTensors({ graph }: OnnxModel) {
  return graph.initializers.filter(({ external }) => external.size > 0);
}

/** Opens the data of a graph, which has to have what every tensor says. Nothing is open for one without. */
export function openExternal(path: string, model: OnnxModel, data: string | undefined): ExternalWeights {
  try {
    refuseHiddenWeights(model);
  } catch (error) {
    throw unsupported(path, `has ${(error as Error).message}`);
  }
  checkInline(path, model);
  const tensors = externalTensors(model);
  const locations = weightPlaces(model);
  const outside = locations.find((location) => !/^(?!\.\.?$)[^/\\\0]+$/.test(location));
  if (outside !== undefined)
    throw unsupported(path, `expected its weights in a file beside it, got a path: ${JSON.stringify(outside)}`);
  if (locations.length > 1)
    throw unsupported(path, `expected its weights in one file beside it, got ${locations.join(', ')}`);
  if (locations.length === 0) return { bytes: 0, read: () => [], close: () => {} };
  if (data === undefined)
    throw unsupported(
      path,
      `expected a file of role weights_data: it keeps weights in ${locations[0]}, and neither that nor one called after the graph (model.onnx_data) is beside it`,
    );
  const file = new FileBytes(data);
  try {
    for (const { name, type, dims, external } of tensors) {
      const [offset, length] = ['offset', 'length'].map((key) =>
        Number(external.get(key) ?? (key === 'offset' ? 0 : Number.NaN)),
      );
      const isPlace = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset! >= 0 && length! >= 0;
      if (!isPlace || offset! + length! > file.size)
        throw corrupt(
          data,
          `expected weights ${name} in bytes ${offset} to ${offset! + length!}, got a file of ${file.size}`,
        );
      const expected = bytesOf(type, dims);
      if (expected !== length) throw corrupt(path, `expected ${expected} bytes of weights ${name}, got ${length}`);
    }
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    bytes: file.size,
    close: () => file.close(),
    *read(offset, length) {
      for (let done = 0; done < length; done += PIECE)
        yield file.read(offset + done, Math.min(PIECE, length - done), 'weights of the graph');
    },
  };
}

/** onnxruntime would find it too, but without saying where. */
function checkInline(path: string, { graph }: OnnxModel): void {
  for (const { name, type, dims, raw } of graph.initializers) {
    const expected = bytesOf(type, dims);
    if (raw !== undefined && raw.length > 0 && expected !== undefined && raw.length !== expected)
      throw corrupt(path, `expected ${expected} bytes of weights ${name}, got ${raw.length}`);
  }
}

function bytesOf(type: number, dims: readonly number[]): number | undefined {
  const bits = BITS[type];
  return bits === undefined ? undefined : Math.ceil((dims.reduce((product, size) => product * size, 1) * bits) / 8);
}
