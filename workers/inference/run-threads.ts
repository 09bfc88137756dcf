// How many threads a run may have without a byte of its result being another.

import type { ModelDescription } from './model-folder.ts';

/**
 * `wanted`, or fewer. onnxruntime deals the products of attention to threads by heads, each whole, as long as there are as many
 * heads as threads; with more threads it cuts products, which changes the order of sums. Products of rounded weights are sums of
 * integers, or of blocks of a row, which no cut changes; those of floats it cuts between rows or columns, not within sums.
 * What a ready-made graph does nobody has looked at, so it has one.
 */
export function threadsOf({ shape }: ModelDescription, wanted: number): number {
  if ('kvHeads' in shape) return Math.min(wanted, shape.kvHeads);
  return 'heads' in shape ? Math.min(wanted, shape.heads) : 1;
}
