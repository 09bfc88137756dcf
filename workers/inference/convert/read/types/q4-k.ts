// Q4_K: blocks of 256 in eight parts of 32 (k-scales.ts), then 128 bytes of codes. Two parts share 32 bytes: the low halves are
// the codes of the first, the high halves those of the second.

import { GGMLQuantizationType } from '@huggingface/gguf';
import type { GgmlType } from './ggml-type.ts';
import { K_HEAD_BYTES, K_VALUES, PARTS, readScales } from './k-scales.ts';

const BYTES = K_HEAD_BYTES + K_VALUES / 2;

export const Q4_K: GgmlType = {
  name: 'Q4_K',
  id: GGMLQuantizationType.Q4_K,
  blockValues: K_VALUES,
  blockBytes: BYTES,
  decode(bytes) {
    const values = new Float32Array((bytes.length / BYTES) * K_VALUES);
    const [scales, minima] = [new Float64Array(PARTS), new Float64Array(PARTS)];
    for (let at = 0, to = 0; at < bytes.length; at += BYTES, to += K_VALUES) {
      readScales(bytes, at, scales, minima);
      for (let part = 0; part < PARTS; part += 2) {
        const from = at + K_HEAD_BYTES + part * 16;
        const [first, second] = [to + part * 32, to + part * 32 + 32];
        for (let i = 0; i < 32; i++) {
          const pair = bytes[from + i]!;
          values[first + i] = (pair & 15) * scales[part]! - minima[part]!;
          values[second + i] = (pair >> 4) * scales[part + 1]! - minima[part + 1]!;
        }
      }
    }
    return values;
  },
};
