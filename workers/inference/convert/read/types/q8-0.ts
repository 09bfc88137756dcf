// Q8_0: blocks of 32, a half-precision scale, then 32 signed bytes.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { symmetricType } from './ggml-type.ts';

const KIND = { name: 'Q8_0', id: GGMLQuantizationType.Q8_0, blockBytes: 34 };

export const Q8_0 = symmetricType(KIND, (bytes, at, codes, to) => {
  codes.set(new Int8Array(bytes.buffer, bytes.byteOffset + at, 32), to);
});
