// Qwen 2 and 2.5: biases on queries, keys and values. They are added to what a matrix gives, which is the same number in rotated
// coordinates and in any number format.

import type { DecoderFamily } from './family.ts';

export const qwen2: DecoderFamily = { name: 'qwen2', turns: 'halves', biases: true, headNorms: false };
