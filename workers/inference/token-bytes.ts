// The memory that a token of a generation takes for its keys and values.

import type { DecoderShape } from './model-folder.ts';

export function tokenBytes({ layers, kvHeads, headSize }: DecoderShape): number {
  return 2 * layers * kvHeads * headSize * Float32Array.BYTES_PER_ELEMENT;
}
