// A GGUF file as metadata and named tensors.

import { FileBytes } from './file-bytes.ts';
import { type GgufTensor, type Metadata, readGgufHeader } from './gguf-header.ts';
import { corrupt } from './source-errors.ts';
import type { TensorFile, WeightRows } from './tensor-file.ts';

export interface GgufFile extends TensorFile {
  readonly metadata: Metadata;
}

export function openGguf(path: string): GgufFile {
  const file = new FileBytes(path);
  try {
    const { metadata, tensors } = readGgufHeader(file);
    const find = (name: string) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw corrupt(path, `expected a tensor ${name}, got none of that name`);
      return tensor;
    };
    return {
      path,
      metadata,
      names: [...tensors.keys()],
      shape: (name) => find(name).shape,
      rows: (name) => rowsOf(file, find(name)),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function rowsOf(file: FileBytes, { name, shape, type, offset, bytes }: GgufTensor): WeightRows {
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const rowBytes = bytes / rows;
  const read = (first: number, count: number) =>
    file.read(offset + first * rowBytes, count * rowBytes, `tensor ${name}`);
  const { decodeBlocks } = type;
  return {
    name,
    rows,
    width: shape.at(-1)!,
    read: (first, count) => type.decode(read(first, count)),
    ...(decodeBlocks && { readBlocks: (first: number, count: number) => decodeBlocks(read(first, count)) }),
  };
}
