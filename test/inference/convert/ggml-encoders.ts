// Writes float numbers as GGUF stores them, and says which values a reader should get back.

import { GGMLQuantizationType as Type } from '@huggingface/gguf';

// Node 24 has it, the type library that tsconfig names does not.
type HalfArray = Iterable<number> & { readonly buffer: ArrayBuffer };
const { Float16Array } = globalThis as unknown as { Float16Array: { from(values: Iterable<number>): HalfArray } };

export interface Encoded {
  readonly type: number;
  readonly bytes: Buffer;
  /** What the stored bytes stand for. */
  readonly values: Float32Array;
}

export type Encoder = (values: Float32Array) => Encoded;

export const encodeF32: Encoder = (values) => ({
  type: Type.F32,
  bytes: Buffer.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  values,
});

export const encodeF16: Encoder = (values) => {
  const halves = Float16Array.from(values);
  return { type: Type.F16, bytes: Buffer.from(halves.buffer), values: Float32Array.from(halves) };
};

export const encodeBF16: Encoder = (values) => {
  const bits = new Uint32Array(values.slice().buffer).map((word) => word & 0xffff0000);
  const bytes = Buffer.from(Uint16Array.from(bits, (word) => word >>> 16).buffer);
  return { type: Type.BF16, bytes, values: new Float32Array(bits.buffer) };
};

export const half = (value: number) => [...Float16Array.from([value])][0]!;
export const halfBytes = (values: readonly number[]) => Buffer.from(Float16Array.from(values).buffer);

/** Blocks of 32: a header of half-precision numbers, then the packed codes. */
function encodeBlocks(
  type: number,
  values: Float32Array,
  encode: (block: Float32Array) => { head: number[]; codes: Uint8Array; values: number[] },
): Encoded {
  const encoded = Array.from({ length: values.length / 32 }, (_, i) => encode(values.subarray(i * 32, i * 32 + 32)));
  const parts = encoded.flatMap(({ head, codes }) => [halfBytes(head), Buffer.from(codes)]);
  return { type, bytes: Buffer.concat(parts), values: Float32Array.from(encoded.flatMap((block) => block.values)) };
}

/** Codes 0–15 are low halves, 16–31 high halves. */
const nibbles = (codes: number[]) => Uint8Array.from({ length: 16 }, (_, i) => codes[i]! | (codes[i + 16]! << 4));
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, Math.round(value)));
const largest = (block: Float32Array) => Math.max(...block.map(Math.abs));

export const encodeQ80: Encoder = (values) =>
  encodeBlocks(Type.Q8_0, values, (block) => {
    const scale = half(largest(block) / 127);
    const codes = Array.from(block, (value) => clamp(value / scale, -127, 127));
    return { head: [scale], codes: new Uint8Array(Int8Array.from(codes).buffer), values: codes.map((c) => c * scale) };
  });

export const encodeQ40: Encoder = (values) =>
  encodeBlocks(Type.Q4_0, values, (block) => {
    const scale = half(largest(block) / 7);
    const codes = Array.from(block, (value) => clamp(value / scale, -8, 7));
    return { head: [scale], codes: nibbles(codes.map((c) => c + 8)), values: codes.map((c) => c * scale) };
  });

export const encodeQ41: Encoder = (values) =>
  encodeBlocks(Type.Q4_1, values, (block) => {
    const least = half(Math.min(...block));
    const scale = half((Math.max(...block) - least) / 15);
    const codes = Array.from(block, (value) => clamp((value - least) / scale, 0, 15));
    return { head: [scale, least], codes: nibbles(codes), values: codes.map((c) => c * scale + least) };
  });
