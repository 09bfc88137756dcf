// Writes safetensors files.

import { type Encoder, encodeF32 } from './ggml-encoders.ts';

export interface TensorToWrite {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** `dtype` and `encode` belong together: F32, F16 or BF16. */
export function safetensorsBytes(
  tensors: Readonly<Record<string, TensorToWrite>>,
  dtype = 'F32',
  encode: Encoder = encodeF32,
): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const data: Buffer[] = [];
  let at = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const { bytes } = encode(values);
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    data.push(bytes);
    at += bytes.length;
  }
  return withHeader(JSON.stringify(header), Buffer.concat(data));
}

export function withHeader(header: string, data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), data]);
}
