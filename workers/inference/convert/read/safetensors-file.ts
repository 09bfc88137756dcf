// A safetensors file: a JSON header that places each tensor, then the numbers.

import { z } from 'zod';
import { FileBytes } from './file-bytes.ts';
import { decodeBfloat16, decodeFloat32, decodeHalf } from './half-floats.ts';
import { corrupt, unsupported } from './source-errors.ts';
import type { TensorFile, WeightRows } from './tensor-file.ts';

const LONGEST_HEADER = 100_000_000; // the format's own limit

const TYPES: Readonly<Record<string, readonly [bytes: number, decode: (bytes: Buffer) => Float32Array]>> = {
  F32: [4, decodeFloat32],
  F16: [2, decodeHalf],
  BF16: [2, decodeBfloat16],
};
/** Kinds of the format that no weight is stored in here, by their bytes; tensors that are not used may have them. */
const OTHER_TYPES: Readonly<Record<string, number>> = {
  ...{ F64: 8, I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1 },
};

const size = z.int().nonnegative();
const placeSchema = z.object({
  dtype: z.string(),
  shape: z.array(size).max(8),
  data_offsets: z.tuple([size, size]),
});
type Place = z.output<typeof placeSchema>;

export function openSafetensors(path: string): TensorFile {
  const file = new FileBytes(path);
  try {
    const { places, dataStart } = readHeader(file);
    const find = (name: string) => {
      const place = places.get(name);
      if (place === undefined) throw corrupt(path, `expected a tensor ${name}, got none of that name`);
      return place;
    };
    return {
      path,
      names: [...places.keys()],
      shape: (name) => find(name).shape,
      rows: (name) => rowsOf(file, name, find(name), dataStart),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readHeader(file: FileBytes) {
  const length = Number(file.read(0, 8, 'the length of the header').readBigUInt64LE());
  if (length > LONGEST_HEADER)
    throw corrupt(file.path, `expected a header of at most ${LONGEST_HEADER} bytes, got ${length}`);
  const header = parseHeader(file, file.read(8, length, 'the header').toString('utf8'));
  const places = new Map<string, Place>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const place = placeSchema.safeParse(value);
    if (!place.success)
      throw corrupt(
        file.path,
        `expected type, shape and place of tensor ${name}, got ${JSON.stringify(value)?.slice(0, 100)}`,
      );
    places.set(name, place.data);
  }
  const dataStart = 8 + length;
  checkPlaces(file, places, file.size - dataStart);
  return { places, dataStart };
}

function parseHeader(file: FileBytes, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, without the parser's words: they quote the middle of a binary file.
  }
  throw corrupt(file.path, 'expected a safetensors header (a JSON object), got something else');
}

function checkPlaces(file: FileBytes, places: ReadonlyMap<string, Place>, dataBytes: number): void {
  let end = 0;
  for (const [name, place] of [...places].sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0])) {
    const [from, to] = place.data_offsets;
    const valueBytes = TYPES[place.dtype]?.[0] ?? OTHER_TYPES[place.dtype];
    if (valueBytes === undefined)
      throw unsupported(file.path, `tensor ${name} is stored as ${place.dtype}, which is not known`);
    const expected = place.shape.reduce((product, size) => product * size, valueBytes);
    if (to - from !== expected)
      throw corrupt(file.path, `expected ${expected} bytes of tensor ${name}, got ${to - from}`);
    if (to > dataBytes)
      throw corrupt(file.path, `expected tensor ${name} to end at byte ${to} of the data, got ${dataBytes} bytes`);
    if (from < end)
      throw corrupt(file.path, `expected tensor ${name} at byte ${end} or later, got ${from}: it overlaps`);
    end = to;
  }
}

function rowsOf(file: FileBytes, name: string, place: Place, dataStart: number): WeightRows {
  const type = TYPES[place.dtype];
  if (type === undefined)
    throw unsupported(
      file.path,
      `tensor ${name} is stored as ${place.dtype}; known are ${Object.keys(TYPES).join(', ')}`,
    );
  const [valueBytes, decode] = type;
  const width = place.shape.at(-1) ?? 1;
  const offset = dataStart + place.data_offsets[0];
  const read = (first: number, count: number) =>
    file.read(offset + first * width * valueBytes, count * width * valueBytes, `tensor ${name}`);
  return {
    name,
    rows: place.shape.slice(0, -1).reduce((product, size) => product * size, 1),
    width,
    read: (first, count) => decode(read(first, count)),
  };
}
