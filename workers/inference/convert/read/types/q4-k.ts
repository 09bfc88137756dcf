// Q4_K: blocks of 256 in eight parts of 32 (k-scales.ts), then 128 bytes of codes. Two parts share 32 bytes: the low halves are
// the codes of the first, the high halves those of the second.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { K_HEAD_BYTES, kType } from './k-scales.ts';

const KIND = { name: 'Q4_K', id: GGMLQuantizationType.Q4_K, blockBytes: K_HEAD_BYTES + 128 };

export const Q4_K = kType(KIND, (bytes, at, part, codes) => {
  for (let i = 0; i < 32; i++) {
    const pair = bytes[at + part * 16 + i]!;
    codes[i] = pair & 15;
    codes[32 + i] = pair >> 4;
  }
});
