// Q4_0: blocks of 32, a half-precision scale, then 16 bytes; low halves are codes 0–15, high halves 16–31, each 8 too large.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { symmetricType } from './ggml-type.ts';

const KIND = { name: 'Q4_0', id: GGMLQuantizationType.Q4_0, blockBytes: 18 };

export const Q4_0 = symmetricType(KIND, (bytes, at, codes, to) => {
  for (let i = 0; i < 16; i++) {
    const pair = bytes[at + i]!;
    codes[to + i] = (pair & 15) - 8;
    codes[to + 16 + i] = (pair >> 4) - 8;
  }
});
