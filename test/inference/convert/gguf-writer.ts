// Writes GGUF files, right ones and, where a test asks for it, wrong ones.

import type { Encoded } from './ggml-encoders.ts';

export type GgufValue = number | boolean | string | readonly string[] | readonly number[] | { readonly float: number };

export interface GgufTensorToWrite extends Pick<Encoded, 'type' | 'bytes'> {
  /** Outermost first. */
  readonly shape: readonly number[];
  /** Taken instead of the place where its bytes lie. */
  readonly offset?: number;
}

export interface GgufToWrite {
  readonly version?: number;
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly tensors: Readonly<Record<string, GgufTensorToWrite>>;
}

const UINT32 = 4;
const INT32 = 5;
const FLOAT32 = 6;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;
const ALIGNMENT = 32;

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const uint64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const float32 = (value: number) => Buffer.from(Float32Array.of(value).buffer);
const text = (value: string) => Buffer.concat([uint64(Buffer.byteLength(value)), Buffer.from(value)]);
const padding = (length: number) => Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);

function valueBytes(value: GgufValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([uint32(STRING), text(value)]);
  if (typeof value === 'boolean') return Buffer.concat([uint32(BOOL), Buffer.of(value ? 1 : 0)]);
  if (typeof value === 'number') return Buffer.concat([uint32(UINT32), uint32(value)]);
  if ('float' in value) return Buffer.concat([uint32(FLOAT32), float32(value.float)]);
  const isText = typeof value[0] === 'string';
  const elements = (value as (string | number)[]).map((element) =>
    typeof element === 'string' ? text(element) : Buffer.from(Int32Array.of(element).buffer),
  );
  return Buffer.concat([uint32(ARRAY), uint32(isText ? STRING : INT32), uint64(value.length), ...elements]);
}

export function ggufBytes({ version = 3, metadata, tensors }: GgufToWrite): Buffer {
  const entries = Object.entries(metadata);
  const places: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const sizes = tensor.shape.toReversed().map(uint64);
    const at = uint64(tensor.offset ?? offset);
    places.push(text(name), uint32(sizes.length), ...sizes, uint32(tensor.type), at);
    const padded = Buffer.concat([tensor.bytes, padding(tensor.bytes.length)]);
    data.push(padded);
    offset += padded.length;
  }
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(version),
    uint64(Object.keys(tensors).length),
    uint64(entries.length),
    ...entries.flatMap(([key, value]) => [text(key), valueBytes(value)]),
    ...places,
  ]);
  return Buffer.concat([header, padding(header.length), ...data]);
}
