// Q5_K: blocks of 256 in eight parts of 32 (k-scales.ts), then 32 bytes that hold the fifth bit of every code (bit p of byte i
// is that of value i of part p), then 128 bytes with the other four bits, laid out as in Q4_K.

import { GGMLQuantizationType } from '@huggingface/gguf';
import type { GgmlType } from './ggml-type.ts';
import { K_HEAD_BYTES, K_VALUES, PARTS, readScales } from './k-scales.ts';

const HIGH_BYTES = 32;
const BYTES = K_HEAD_BYTES + HIGH_BYTES + K_VALUES / 2;

export const Q5_K: GgmlType = {
  name: 'Q5_K',
  id: GGMLQuantizationType.Q5_K,
  blockValues: K_VALUES,
  blockBytes: BYTES,
  decode(bytes) {
    const values = new Float32Array((bytes.length / BYTES) * K_VALUES);
    const [scales, minima] = [new Float64Array(PARTS), new Float64Array(PARTS)];
    for (let at = 0, to = 0; at < bytes.length; at += BYTES, to += K_VALUES) {
      readScales(bytes, at, scales, minima);
      const high = at + K_HEAD_BYTES;
      for (let part = 0; part < PARTS; part += 2) {
        const from = high + HIGH_BYTES + part * 16;
        const [first, second] = [to + part * 32, to + part * 32 + 32];
        for (let i = 0; i < 32; i++) {
          const pair = bytes[from + i]!;
          const fifth = bytes[high + i]! >> part;
          values[first + i] = ((pair & 15) | ((fifth & 1) << 4)) * scales[part]! - minima[part]!;
          values[second + i] = ((pair >> 4) | ((fifth & 2) << 3)) * scales[part + 1]! - minima[part + 1]!;
        }
      }
    }
    return values;
  },
};
