// Q5_K: blocks of 256 in eight parts of 32 (k-scales.ts), then 32 bytes that hold the fifth bit of every code (bit p of byte i
// is that of value i of part p), then 128 bytes with the other four bits, laid out as in Q4_K.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { K_HEAD_BYTES, kType } from './k-scales.ts';

const HIGH_BYTES = 32;
const KIND = { name: 'Q5_K', id: GGMLQuantizationType.Q5_K, blockBytes: K_HEAD_BYTES + HIGH_BYTES + 128 };

export const Q5_K = kType(KIND, (bytes, at, part, codes) => {
  for (let i = 0; i < 32; i++) {
    const pair = bytes[at + HIGH_BYTES + part * 16 + i]!;
    const fifth = bytes[at + i]! >> part;
    codes[i] = (pair & 15) | ((fifth & 1) << 4);
    codes[32 + i] = (pair >> 4) | ((fifth & 2) << 3);
  }
});
