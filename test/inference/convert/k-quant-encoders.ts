// Writes float numbers as the K-quants store them, bit by bit from the description of the formats, and says which values a
// reader should get back.
//
//   Q4_K, Q5_K: 256 values, eight parts of 32; value = D·s·code − M·m, with D, M half-precision and s, m of 6 bits each part.
//     bytes: D, M | 12 bytes with eight s and eight m | (Q5_K: 32 bytes of fifth bits) | 128 bytes of the codes' low four bits
//   Q6_K: 256 values, sixteen parts of 16; value = D·s·(code − 32), with s a signed byte each part, codes of 6 bits
//     bytes: 128 of low four bits | 64 of upper two bits | 16 scales | D

import { GGMLQuantizationType as Type } from '@huggingface/gguf';
import { type Encoded, type Encoder, half, halfBytes } from './ggml-encoders.ts';

const SUPER_BLOCK = 256;

/** A number of some bits, written into zeroed bytes lowest bit first. */
function put(bytes: Buffer, byte: number, bit: number, bits: number, value: number): void {
  for (let i = 0; i < bits; i++) bytes[byte] = bytes[byte]! | (((value >> i) & 1) << (bit + i));
}

const clamp = (value: number, low: number, high: number) =>
  Number.isFinite(value) ? Math.min(high, Math.max(low, Math.round(value))) : 0;

interface Block {
  readonly bytes: Buffer;
  readonly values: readonly number[];
}

function encodeSuperBlocks(type: number, values: Float32Array, encode: (block: Float32Array) => Block): Encoded {
  if (values.length % SUPER_BLOCK !== 0) throw new Error(`${values.length} values are no whole super-blocks`);
  const blocks = Array.from({ length: values.length / SUPER_BLOCK }, (_, i) =>
    encode(values.subarray(i * SUPER_BLOCK, (i + 1) * SUPER_BLOCK)),
  );
  return {
    type,
    bytes: Buffer.concat(blocks.map(({ bytes }) => bytes)),
    values: Float32Array.from(blocks.flatMap((block) => block.values)),
  };
}

/** Where the 6 bits of each part's scale and minimum lie: runs of bits, the lowest first. */
function placesOf(part: number): { scale: Run[]; minimum: Run[] } {
  if (part < 4) return { scale: [[part, 0, 6]], minimum: [[4 + part, 0, 6]] };
  const low = 4 + part; // bytes 8 to 11
  return {
    scale: [
      [low, 0, 4],
      [part - 4, 6, 2],
    ],
    minimum: [
      [low, 4, 4],
      [part, 6, 2],
    ],
  };
}
type Run = readonly [byte: number, bit: number, bits: number];

function putRuns(bytes: Buffer, start: number, runs: readonly Run[], value: number): void {
  let done = 0;
  for (const [byte, bit, bits] of runs) {
    put(bytes, start + byte, bit, bits, (value >> done) & (2 ** bits - 1));
    done += bits;
  }
}

const withMinima =
  (type: number, codeBits: 4 | 5): Encoder =>
  (values) =>
    encodeSuperBlocks(type, values, (block) => {
      const parts = Array.from({ length: 8 }, (_, part) => block.subarray(part * 32, (part + 1) * 32));
      const most = 2 ** codeBits - 1;
      // A minimum is taken away, so it is never negative: parts that are all above zero begin at zero.
      const lows = parts.map((part) => Math.min(0, ...part));
      const steps = parts.map((part, i) => (Math.max(0, ...part) - lows[i]!) / most);
      const scaleStep = half(Math.max(...steps) / 63);
      const minimumStep = half(Math.max(...lows.map((low) => -low)) / 63);
      const bytes = Buffer.alloc(16 + (codeBits === 5 ? 32 : 0) + 128);
      halfBytes([scaleStep, minimumStep]).copy(bytes);
      const stored: number[] = [];
      for (const [part, numbers] of parts.entries()) {
        const scale = clamp(steps[part]! / scaleStep, 0, 63);
        const minimum = clamp(-lows[part]! / minimumStep, 0, 63);
        const places = placesOf(part);
        putRuns(bytes, 4, places.scale, scale);
        putRuns(bytes, 4, places.minimum, minimum);
        for (const [i, value] of numbers.entries()) {
          const code = clamp((value + minimumStep * minimum) / (scaleStep * scale), 0, most);
          stored.push(scaleStep * scale * code - minimumStep * minimum);
          // Parts 2k and 2k + 1 share 32 bytes, a half of each byte for either.
          put(bytes, bytes.length - 128 + (part >> 1) * 32 + i, part % 2 === 0 ? 0 : 4, 4, code & 15);
          if (codeBits === 5) put(bytes, 16 + i, part, 1, code >> 4);
        }
      }
      return { bytes, values: stored };
    });

export const encodeQ4K: Encoder = withMinima(Type.Q4_K, 4);
export const encodeQ5K: Encoder = withMinima(Type.Q5_K, 5);

export const encodeQ6K: Encoder = (values) =>
  encodeSuperBlocks(Type.Q6_K, values, (block) => {
    const parts = Array.from({ length: 16 }, (_, part) => block.subarray(part * 16, (part + 1) * 16));
    // Every second part counts downwards, so that scales of both signs are met.
    const steps = parts.map((part, i) => ((i % 2 === 0 ? 1 : -1) * Math.max(...part.map(Math.abs))) / 31);
    const step = half(Math.max(...steps.map(Math.abs)) / 127);
    const bytes = Buffer.alloc(210);
    halfBytes([step]).copy(bytes, 208);
    const stored: number[] = [];
    for (const [part, numbers] of parts.entries()) {
      const scale = clamp(steps[part]! / step, -128, 127);
      bytes.writeInt8(scale, 192 + part);
      for (const [i, value] of numbers.entries()) {
        const code = clamp(value / (step * scale), -32, 31) + 32;
        stored.push(step * scale * (code - 32));
        // In each half of the block: value 32q + j has its low bits in byte j (q even) or 32 + j (q odd), in the lower half of
        // it for q < 2; and its upper bits in byte j, at bit 2q.
        const at = part * 16 + i;
        const [side, inSide] = [Math.floor(at / 128), at % 128];
        const [q, j] = [Math.floor(inSide / 32), inSide % 32];
        put(bytes, side * 64 + (q % 2) * 32 + j, q < 2 ? 0 : 4, 4, code & 15);
        put(bytes, 128 + side * 32 + j, 2 * q, 2, code >> 4);
      }
    }
    return { bytes, values: stored };
  });
