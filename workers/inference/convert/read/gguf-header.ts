// The header of a GGUF file, version 2 or 3: metadata and the list of tensors. Own reader: @huggingface/gguf pads what a cut
// file lacks with zeros (it is made for ranges of remote files) and checks no offset against the file.

import { type FileBytes, FileCursor } from './file-bytes.ts';
import { ggmlType, ggmlTypeName, KNOWN_GGML_TYPES } from './ggml-types.ts';
import { corrupt, unsupported } from './source-errors.ts';
import type { GgmlType } from './types/ggml-type.ts';

export type MetadataValue = number | boolean | string | readonly (number | boolean | string)[];
export type Metadata = ReadonlyMap<string, MetadataValue>;

export interface GgufTensor {
  readonly name: string;
  /** Outermost first (the file has them the other way round). */
  readonly shape: readonly number[];
  readonly type: GgmlType;
  readonly offset: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const MAGIC = 'GGUF';
const DEFAULT_ALIGNMENT = 32;
const MOST_DIMENSIONS = 4;
const STRING = 8;
const ARRAY = 9;

/** Value type → size in bytes and how to read one. Types 8 (string) and 9 (array) have no fixed size. */
const SCALARS: Readonly<Record<number, readonly [number, (bytes: Buffer) => number | boolean]>> = {
  0: [1, (bytes) => bytes.readUInt8()],
  1: [1, (bytes) => bytes.readInt8()],
  2: [2, (bytes) => bytes.readUInt16LE()],
  3: [2, (bytes) => bytes.readInt16LE()],
  4: [4, (bytes) => bytes.readUInt32LE()],
  5: [4, (bytes) => bytes.readInt32LE()],
  6: [4, (bytes) => bytes.readFloatLE()],
  7: [1, (bytes) => bytes.readUInt8() !== 0],
  10: [8, (bytes) => Number(bytes.readBigUInt64LE())],
  11: [8, (bytes) => Number(bytes.readBigInt64LE())],
  12: [8, (bytes) => bytes.readDoubleLE()],
};

export function readGgufHeader(file: FileBytes): GgufHeader {
  const cursor = new FileCursor(file);
  const magic = cursor.take(4, 'the word GGUF').toString('latin1');
  if (magic !== MAGIC)
    throw corrupt(file.path, `expected a GGUF file, got one that begins with ${JSON.stringify(magic)}`);
  const version = cursor.uint32('the GGUF version');
  if (version !== 2 && version !== 3)
    throw unsupported(file.path, `expected GGUF version 2 or 3 (little-endian), got version ${version}`);
  const tensorCount = cursor.count('tensors', 32);
  const metadata = readMetadata(file, cursor, cursor.count('metadata entries', 13));
  const places = Array.from({ length: tensorCount }, () => readTensorPlace(file, cursor));
  return { metadata, tensors: placeTensors(file, places, cursor.position, metadata) };
}

function readMetadata(file: FileBytes, cursor: FileCursor, count: number): Metadata {
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < count; i++) {
    const key = cursor.text('a metadata key');
    if (metadata.has(key)) throw corrupt(file.path, `expected each metadata key once, got ${key} again`);
    metadata.set(key, readValue(file, cursor, key, cursor.uint32(`the type of ${key}`)));
  }
  return metadata;
}

function readValue(file: FileBytes, cursor: FileCursor, key: string, type: number): MetadataValue {
  if (type !== ARRAY) return readScalar(file, cursor, key, type);
  const elementType = cursor.uint32(`the element type of ${key}`);
  const leastBytes = elementType === STRING ? 8 : (SCALARS[elementType]?.[0] ?? 1);
  const count = cursor.count(`elements of ${key}`, leastBytes);
  const values: (number | boolean | string)[] = [];
  for (let i = 0; i < count; i++) values.push(readScalar(file, cursor, key, elementType));
  return values;
}

function readScalar(file: FileBytes, cursor: FileCursor, key: string, type: number): number | boolean | string {
  if (type === STRING) return cursor.text(key);
  const scalar = SCALARS[type];
  if (scalar === undefined) throw corrupt(file.path, `expected a value of a known type for ${key}, got type ${type}`);
  const [bytes, read] = scalar;
  return read(cursor.take(bytes, key));
}

interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
  readonly typeId: number;
  readonly relativeOffset: number;
}

function readTensorPlace(file: FileBytes, cursor: FileCursor): TensorPlace {
  const name = cursor.text('a tensor name');
  const dimensions = cursor.uint32(`the number of dimensions of ${name}`);
  if (dimensions < 1 || dimensions > MOST_DIMENSIONS)
    throw corrupt(file.path, `expected 1 to ${MOST_DIMENSIONS} dimensions of tensor ${name}, got ${dimensions}`);
  const shape = Array.from({ length: dimensions }, () => cursor.uint64(`a dimension of ${name}`)).reverse();
  return {
    name,
    shape,
    typeId: cursor.uint32(`the type of ${name}`),
    relativeOffset: cursor.uint64(`the offset of ${name}`),
  };
}

function placeTensors(file: FileBytes, places: readonly TensorPlace[], headerEnd: number, metadata: Metadata) {
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (
    typeof alignment !== 'number' ||
    !(alignment >= 1 && alignment <= 65536) ||
    !Number.isInteger(Math.log2(alignment))
  )
    throw corrupt(file.path, `expected general.alignment to be a power of two up to 65536, got ${alignment}`);
  const dataStart = Math.ceil(headerEnd / alignment) * alignment;
  const tensors = places.map((place) => placeTensor(file, place, dataStart, alignment));
  let end = dataStart;
  for (const tensor of tensors.toSorted((a, b) => a.offset - b.offset)) {
    if (tensor.offset < end)
      throw corrupt(
        file.path,
        `expected tensor ${tensor.name} at byte ${end} or later, got ${tensor.offset}: it overlaps`,
      );
    end = tensor.offset + tensor.bytes;
  }
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  if (byName.size < tensors.length) throw corrupt(file.path, 'expected each tensor once, got one name twice');
  return byName;
}

function placeTensor(file: FileBytes, place: TensorPlace, dataStart: number, alignment: number): GgufTensor {
  const { name, shape } = place;
  const type = ggmlType(place.typeId);
  if (type === undefined) {
    const known = KNOWN_GGML_TYPES.join(', ');
    throw unsupported(file.path, `tensor ${name} is stored as ${ggmlTypeName(place.typeId)}; known are ${known}`);
  }
  const values = shape.reduce((product, size) => product * size, 1);
  const bytes = (values / type.blockValues) * type.blockBytes;
  const offset = dataStart + place.relativeOffset;
  if (values < 1 || shape.at(-1)! % type.blockValues !== 0)
    throw corrupt(
      file.path,
      `expected tensor ${name} to have whole ${type.name} blocks, got sizes ${shape.join(' × ')}`,
    );
  if (place.relativeOffset % alignment !== 0)
    throw corrupt(file.path, `expected tensor ${name} at a multiple of ${alignment}, got ${place.relativeOffset}`);
  if (offset + bytes > file.size)
    throw corrupt(
      file.path,
      `expected tensor ${name} in bytes ${offset} to ${offset + bytes}, got a file of ${file.size}`,
    );
  return { name, shape, type, offset, bytes };
}
